//! A sparkline: the course of one test at a glance, beside its newest value.

use clinic::chart::trend::{Line, Trend};
use maud::{Markup, html};

const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 28.0;
/// The least part of its value that a scale spans.
const LEAST: f64 = 0.1;
/// Room for the last dot.
const EDGE: f64 = 4.0;

/// The line with its reference band; nothing when there are fewer than two points.
#[must_use]
pub fn view(name: &str, trend: &Trend) -> Markup {
    if !trend.draws() {
        return html! {};
    }
    let scale = Scale::of(trend, WIDTH, HEIGHT, EDGE);
    html! {
        svg class="spark" viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label={ (name) ", " (trend.spoken()) } preserveAspectRatio="none" {
            title { (trend.spoken()) ". The scale spans at least a tenth of the value." }
            @if let Some((top, height)) = scale.band(trend) {
                rect class="band" x="0" y=(fixed(top)) width=(WIDTH) height=(fixed(height)) {}
            }
            @for (index, line) in trend.lines.iter().enumerate() {
                polyline class=(if index == 0 { "line" } else { "line two" }) points=(scale.points(line)) {}
                @if let Some(last) = line.points.last() {
                    circle class=(if last.out { "dot last out" } else { "dot last" }) cx=(fixed(scale.x(last.at))) cy=(fixed(scale.y(last.value))) r="2.5" {}
                }
            }
        }
    }
}

/// From moments and values to a drawing's coordinates.
pub struct Scale {
    from: f64,
    span: f64,
    low: f64,
    high: f64,
    width: f64,
    height: f64,
    edge: f64,
}

impl Scale {
    /// The scale that holds every point, and the band's nearer limits when they are not far away.
    #[must_use]
    pub fn of(trend: &Trend, width: f64, height: f64, edge: f64) -> Self {
        let all = || trend.lines.iter().flat_map(|line| &line.points);
        let values = || all().map(|point| point.value);
        let (mut low, mut high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        let reach = (high - low).max(high.abs() * 0.1).max(f64::MIN_POSITIVE);
        for limit in [trend.band.0, trend.band.1].into_iter().flatten() {
            if limit > low - reach && limit < high + reach {
                low = low.min(limit);
                high = high.max(limit);
            }
        }
        // A change of a few thousandths must not look like a fall: the scale spans so much of the value at least.
        let least = (high.abs().max(low.abs()) * LEAST).max(f64::MIN_POSITIVE);
        if high - low < least {
            let middle = f64::midpoint(low, high);
            (low, high) = (middle - least / 2.0, middle + least / 2.0);
        }
        let times = || all().map(|point| point.at.as_millisecond() as f64);
        let (from, to) = (times().fold(f64::INFINITY, f64::min), times().fold(f64::NEG_INFINITY, f64::max));
        Self { from, span: (to - from).max(1.0), low, high, width, height, edge }
    }

    /// Across.
    #[must_use]
    pub fn x(&self, at: jiff::Timestamp) -> f64 {
        self.edge + (at.as_millisecond() as f64 - self.from) / self.span * (self.width - 2.0 * self.edge)
    }

    /// Down.
    #[must_use]
    pub fn y(&self, value: f64) -> f64 {
        let down = (self.high - value) / (self.high - self.low);
        self.edge + down * (self.height - 2.0 * self.edge)
    }

    /// A line's points as SVG takes them.
    #[must_use]
    pub fn points(&self, line: &Line) -> String {
        let mut text = String::with_capacity(line.points.len() * 12);
        for point in &line.points {
            text.push_str(&format!("{},{} ", fixed(self.x(point.at)), fixed(self.y(point.value))));
        }
        text.trim_end().to_owned()
    }

    /// Where the reference band lies: top and height, cut to the drawing.
    #[must_use]
    pub fn band(&self, trend: &Trend) -> Option<(f64, f64)> {
        let (low, high) = trend.band;
        if low.is_none() && high.is_none() {
            return None;
        }
        let top = high.map_or(0.0, |high| self.y(high)).clamp(0.0, self.height);
        let bottom = low.map_or(self.height, |low| self.y(low)).clamp(0.0, self.height);
        (bottom > top).then_some((top, bottom - top))
    }

    /// Lowest and highest value drawn.
    #[must_use]
    pub fn limits(&self) -> (f64, f64) {
        (self.low, self.high)
    }

    /// First and last moment drawn, in milliseconds.
    #[must_use]
    pub fn times(&self) -> (f64, f64) {
        (self.from, self.from + self.span)
    }
}

/// One decimal, as a drawing needs.
#[must_use]
pub fn fixed(number: f64) -> String {
    format!("{number:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clinic::chart::trend::Point;

    fn trend(values: &[f64]) -> Trend {
        let points = values.iter().enumerate().map(|(index, value)| Point {
            at: jiff::Timestamp::from_second(index as i64 * 86_400).expect("time"),
            value: *value,
            out: false,
        });
        Trend {
            unit: "%".to_owned(),
            lines: vec![Line { name: String::new(), points: points.collect() }],
            ..Trend::default()
        }
    }

    #[test]
    fn every_point_lies_within_the_drawing() {
        for values in [&[7.1, 8.2, 7.7][..], &[5.0, 5.0], &[0.0, 0.0, 0.0], &[-3.0, 1e9]] {
            let trend = trend(values);
            let scale = Scale::of(&trend, WIDTH, HEIGHT, EDGE);
            for point in &trend.lines[0].points {
                let (x, y) = (scale.x(point.at), scale.y(point.value));
                assert!((0.0..=WIDTH).contains(&x) && (0.0..=HEIGHT).contains(&y), "{values:?}: {x},{y}");
            }
        }
    }

    #[test]
    fn a_small_change_stays_a_small_one() {
        let trend = trend(&[100.0, 101.0]);
        let scale = Scale::of(&trend, WIDTH, HEIGHT, EDGE);
        let rise = scale.y(100.0) - scale.y(101.0);
        assert!(rise > 0.0 && rise < HEIGHT / 5.0, "one per cent is no mountain: {rise}");
    }

    #[test]
    fn it_says_in_words_what_it_draws() {
        let svg = view("HbA1c", &trend(&[7.1, 7.5, 8.2])).into_string();
        assert!(svg.contains(r#"aria-label="HbA1c, last 3: 7.1 to 8.2 %, rising""#), "{svg}");
        assert!(view("HbA1c", &trend(&[7.1])).into_string().is_empty());
    }
}
