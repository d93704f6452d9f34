//! The macros that turn a table of elements into a view.

/// Declares a view: a newtype over a JSON object with one getter per row `name: how Type = "element"`.
///
/// `how` is `text`, `flag`, `number` (as written), `date`, `one Type`, `texts`, `dates` or `many Type`.
macro_rules! view {
    ($(#[$doc:meta])* $name:ident { $($(#[$row:meta])* $getter:ident : $how:ident $($of:ident)? = $element:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub struct $name<'a>(&'a serde_json::Value);

        impl<'a> $name<'a> {
            /// Looks at a value as this type. Nothing is checked: what is not there reads as nothing.
            #[must_use]
            pub fn new(value: &'a serde_json::Value) -> Self {
                Self(value)
            }

            /// The JSON beneath, for the parts of this crate that work on any type.
            #[must_use]
            pub fn json(self) -> &'a serde_json::Value {
                self.0
            }

            /// The extension of this address.
            #[must_use]
            pub fn extension(self, url: &str) -> Option<$crate::views::Extension<'a>> {
                $crate::views::Extension::find(self.0, url)
            }

            $(getter! { $(#[$row])* $getter $how $($of)? = $element })*

            /// The rows as written, for the test that holds them against R4: element, how, type.
            #[cfg(test)]
            pub(crate) const ROWS: &'static [(&'static str, &'static str, &'static str)] =
                &[$(($element, stringify!($how), stringify!($($of)?))),*];
        }

        /// Names the type only: the content is patient data and stays out of logs.
        impl std::fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

/// A view of a whole resource: as `view!`, and what every resource has.
macro_rules! resource {
    ($(#[$doc:meta])* $name:ident { $($rows:tt)* }) => {
        view! { $(#[$doc])* $name {
            /// Metadata: version, last update, tags, security labels.
            meta: one Meta = "meta",
            /// The narrative.
            narrative: one Narrative = "text",
            /// Business identifiers.
            identifiers: many Identifier = "identifier",
            $($rows)*
        } }

        impl<'a> $name<'a> {
            /// The logical id.
            #[must_use]
            pub fn id(self) -> Option<$crate::Id> {
                self.0.get("id").and_then(serde_json::Value::as_str).and_then(|id| $crate::Id::parse(id).ok())
            }

            /// The contained resource a reference such as `#med1` points to.
            #[must_use]
            pub fn contained(self, reference: $crate::views::Reference<'a>) -> Option<&'a serde_json::Value> {
                let id = reference.reference()?.strip_prefix('#')?;
                $crate::views::get::objects(self.0, "contained").find(|r| $crate::views::get::text(r, "id") == Some(id))
            }
        }
    };
}

macro_rules! getter {
    ($(#[$doc:meta])* $name:ident text = $element:literal) => {
        $(#[$doc])* #[must_use]
        pub fn $name(self) -> Option<&'a str> { $crate::views::get::text(self.0, $element) }
    };
    ($(#[$doc:meta])* $name:ident flag = $element:literal) => {
        $(#[$doc])* #[must_use]
        pub fn $name(self) -> Option<bool> { $crate::views::get::flag(self.0, $element) }
    };
    ($(#[$doc:meta])* $name:ident number = $element:literal) => {
        $(#[$doc])* #[must_use]
        pub fn $name(self) -> Option<&'a str> { $crate::views::get::number(self.0, $element) }
    };
    ($(#[$doc:meta])* $name:ident date = $element:literal) => {
        $(#[$doc])* #[must_use]
        pub fn $name(self) -> Option<$crate::date::FhirDate<'a>> { $crate::views::get::date(self.0, $element) }
    };
    ($(#[$doc:meta])* $name:ident texts = $element:literal) => {
        $(#[$doc])*
        pub fn $name(self) -> impl Iterator<Item = &'a str> + Clone + use<'a> { $crate::views::get::texts(self.0, $element) }
    };
    ($(#[$doc:meta])* $name:ident dates = $element:literal) => {
        $(#[$doc])*
        pub fn $name(self) -> impl Iterator<Item = $crate::date::FhirDate<'a>> + Clone + use<'a> {
            $crate::views::get::dates(self.0, $element)
        }
    };
    ($(#[$doc:meta])* $name:ident one $of:ident = $element:literal) => {
        $(#[$doc])* #[must_use]
        pub fn $name(self) -> Option<$crate::views::$of<'a>> {
            $crate::views::get::object(self.0, $element).map($crate::views::$of::new)
        }
    };
    ($(#[$doc:meta])* $name:ident many $of:ident = $element:literal) => {
        $(#[$doc])*
        pub fn $name(self) -> impl Iterator<Item = $crate::views::$of<'a>> + Clone + use<'a> {
            $crate::views::get::objects(self.0, $element).map($crate::views::$of::new)
        }
    };
}
