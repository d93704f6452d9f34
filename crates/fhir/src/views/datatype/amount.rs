//! Quantity and what is made of quantities.

view! {
    /// A measured amount. Also Age, Count, Distance, Duration, Money-free simple quantities.
    Quantity {
        /// The number as written.
        value: number = "value",
        /// `<`, `<=`, `>=` or `>`: the true value lies that way.
        comparator: text = "comparator",
        /// The unit as people read it.
        unit: text = "unit",
        /// Address of the unit system, usually UCUM.
        system: text = "system",
        /// The unit as a code.
        code: text = "code",
    }
}

/// The system of UCUM units.
pub const UCUM: &str = "http://unitsofmeasure.org";

impl<'a> Quantity<'a> {
    /// The number for plots and comparisons. What is shown is [`Quantity::value`].
    #[must_use]
    pub fn as_f64(self) -> Option<f64> {
        self.value().and_then(|text| text.parse().ok()).filter(|n: &f64| n.is_finite())
    }

    /// The unit as people read it, else its code.
    #[must_use]
    pub fn unit_words(self) -> Option<&'a str> {
        self.unit().or(self.code())
    }

    /// The unit's UCUM code, where it has one.
    #[must_use]
    pub fn ucum(self) -> Option<&'a str> {
        self.code().filter(|_| self.system() == Some(UCUM))
    }

    /// Comparator, number and unit: `< 5 mg/dL`, as written.
    #[must_use]
    pub fn words(self) -> String {
        [self.comparator(), self.value(), self.unit_words()].into_iter().flatten().collect::<Vec<_>>().join(" ")
    }
}

view! {
    /// From a lowest to a highest amount, either open.
    Range {
        /// The lowest.
        low: one Quantity = "low",
        /// The highest.
        high: one Quantity = "high",
    }
}

impl Range<'_> {
    /// `3.5 to 5.1 mmol/L`, `at least 3.5 mmol/L` or `up to 5.1 mmol/L`; empty when neither end is given.
    #[must_use]
    pub fn words(self) -> String {
        match (self.low(), self.high()) {
            (Some(low), Some(high)) if low.unit_words() == high.unit_words() => {
                format!("{} to {}", low.value().unwrap_or_default(), high.words())
            }
            (Some(low), Some(high)) => format!("{} to {}", low.words(), high.words()),
            (Some(low), None) => format!("at least {}", low.words()),
            (None, Some(high)) => format!("up to {}", high.words()),
            (None, None) => String::new(),
        }
    }
}

view! {
    /// One amount in proportion to another, such as a titre or a concentration.
    Ratio {
        /// What is above the line.
        numerator: one Quantity = "numerator",
        /// What is below the line.
        denominator: one Quantity = "denominator",
    }
}

impl Ratio<'_> {
    /// `1 : 128` or `5 mg per 1 mL`; empty when a side is missing.
    #[must_use]
    pub fn words(self) -> String {
        let (Some(above), Some(below)) = (self.numerator(), self.denominator()) else { return String::new() };
        if above.unit_words().is_none() && below.unit_words().is_none() {
            format!("{} : {}", above.words(), below.words())
        } else {
            format!("{} per {}", above.words(), below.words())
        }
    }
}

view! {
    /// A series of values measured by a device, such as an ECG lead.
    SampledData {
        /// Zero and unit of the series.
        origin: one Quantity = "origin",
        /// Milliseconds between samples.
        period: number = "period",
        /// What each number is multiplied with.
        factor: number = "factor",
        /// Below this, `L` is written.
        lower_limit: number = "lowerLimit",
        /// Above this, `U` is written.
        upper_limit: number = "upperLimit",
        /// How many series are interleaved.
        dimensions: number = "dimensions",
        /// The numbers, separated by spaces; `E`, `L` and `U` stand for error, below and above the limits.
        data: text = "data",
    }
}

view! {
    /// An amount of money.
    Money {
        /// The number as written.
        value: number = "value",
        /// ISO 4217 code.
        currency: text = "currency",
    }
}
