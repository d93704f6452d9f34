//! Names, addresses and ways to reach people.

view! {
    /// A person's name.
    HumanName {
        /// `usual`, `official`, `temp`, `nickname`, `anonymous`, `old` or `maiden`.
        use_: text = "use",
        /// The whole name as it should be shown.
        text: text = "text",
        /// Family name (surname).
        family: text = "family",
        /// Given names, first and middle.
        given: texts = "given",
        /// Titles before the name.
        prefix: texts = "prefix",
        /// What follows the name, such as `Jr` or `MD`.
        suffix: texts = "suffix",
        /// When it was in use.
        period: one Period = "period",
    }
}

impl HumanName<'_> {
    /// Given names in order, separated by spaces.
    #[must_use]
    pub fn given_words(self) -> String {
        self.given().collect::<Vec<_>>().join(" ")
    }

    /// Prefix, given names, family name, suffix; or the text where there are no parts.
    #[must_use]
    pub fn words(self) -> String {
        let parts: Vec<_> =
            self.prefix().chain(self.given()).chain(self.family()).chain(self.suffix()).collect::<Vec<_>>();
        if parts.is_empty() { self.text().unwrap_or_default().to_owned() } else { parts.join(" ") }
    }

    /// Whether this is a name no longer in use: `old` or `maiden`.
    #[must_use]
    pub fn is_former(self) -> bool {
        matches!(self.use_(), Some("old" | "maiden"))
    }
}

view! {
    /// A phone number, e-mail or other way to reach somebody.
    ContactPoint {
        /// `phone`, `fax`, `email`, `pager`, `url`, `sms` or `other`.
        system: text = "system",
        /// The number or address.
        value: text = "value",
        /// `home`, `work`, `temp`, `old` or `mobile`.
        use_: text = "use",
        /// Preferred order, 1 first.
        rank: number = "rank",
        /// When it was in use.
        period: one Period = "period",
    }
}

view! {
    /// A postal or visiting address.
    Address {
        /// `home`, `work`, `temp`, `old` or `billing`.
        use_: text = "use",
        /// `postal`, `physical` or `both`.
        type_: text = "type",
        /// The whole address as it should be shown.
        text: text = "text",
        /// Street, number, unit.
        lines: texts = "line",
        /// Town.
        city: text = "city",
        /// County.
        district: text = "district",
        /// State or province.
        state: text = "state",
        /// ZIP or postal code.
        postal_code: text = "postalCode",
        /// Country.
        country: text = "country",
        /// When it was in use.
        period: one Period = "period",
    }
}

impl Address<'_> {
    /// Its lines as an envelope has them: street lines; city, state and code; country. The text where there are no parts.
    #[must_use]
    pub fn envelope(self) -> Vec<String> {
        let mut lines: Vec<String> = self.lines().map(str::to_owned).collect();
        let region = [self.state(), self.postal_code()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let town = [self.city().unwrap_or_default(), &region];
        lines.push(town.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "));
        lines.extend(self.country().map(str::to_owned));
        lines.retain(|line| !line.is_empty());
        if lines.is_empty() {
            lines.extend(self.text().map(str::to_owned));
        }
        lines
    }
}
