//! A plot: one test over time with its unit, reference band and axes. The table of its values stands beside it.

use super::show;
use super::spark::{Scale, fixed};
use clinic::chart::trend::{Trend, brief};
use clinic::chart::when::{Clock, When};
use maud::{Markup, html};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 56.0;
const FOOT: f64 = 24.0;

/// The figure; `table` is the data table, in a disclosure under the plot that is open or not.
#[must_use]
pub fn view(name: &str, trend: &Trend, clock: &Clock, (table, open): (&Markup, bool)) -> Markup {
    html! {
        figure class="plot" {
            figcaption { (name) @if !trend.unit.is_empty() { " " span class="unit" { (trend.unit) } } }
            @if trend.draws() { (drawing(name, trend, clock)) (legend(trend)) }
            @if trend.converted > 0 {
                p class="muted" { (trend.converted) " readings were taken in another unit and are drawn in this one; the table has them as taken." }
            }
            @if trend.other_units > 0 {
                p class="muted" { (trend.other_units) " readings in another unit are not drawn; the table has them." }
            }
            details class="data" open[open] { summary { "Table of these values" } (table) }
        }
    }
}

fn drawing(name: &str, trend: &Trend, clock: &Clock) -> Markup {
    let scale = Scale::of(trend, WIDTH - LEFT, HEIGHT - FOOT, 8.0);
    let (low, high) = scale.limits();
    let ticks = ticks(low, high);
    html! {
        svg class="axes" viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label={ (name) ", " (trend.spoken()) } {
            title { (name) ", " (trend.spoken()) }
            g transform={ "translate(" (LEFT) " 0)" } {
                @if let Some((top, height)) = scale.band(trend) {
                    rect class="band" x="0" y=(fixed(top)) width=(WIDTH - LEFT) height=(fixed(height)) {}
                }
                @for tick in &ticks {
                    line class="gridline" x1="0" x2=(WIDTH - LEFT) y1=(fixed(scale.y(*tick))) y2=(fixed(scale.y(*tick))) {}
                    text class="tick" x="-6" y=(fixed(scale.y(*tick) + 4.0)) text-anchor="end" { (brief(*tick)) }
                }
                line class="axis" x1="0" x2=(WIDTH - LEFT) y1=(HEIGHT - FOOT) y2=(HEIGHT - FOOT) {}
                @for (x, anchor, date) in dates(&scale, clock) {
                    text class="tick" x=(fixed(x)) y=(HEIGHT - 6.0) text-anchor=(anchor) { (date) }
                }
                @for (index, line) in trend.lines.iter().enumerate() {
                    polyline class=(if index == 0 { "line" } else { "line two" }) points=(scale.points(line)) {}
                    @for point in &line.points {
                        circle class=(dot(index, point.out)) cx=(fixed(scale.x(point.at))) cy=(fixed(scale.y(point.value))) r="3.5" {}
                    }
                }
            }
        }
    }
}

fn dot(line: usize, out: bool) -> &'static str {
    match (line, out) {
        (_, true) => "dot out",
        (0, false) => "dot",
        (_, false) => "dot two",
    }
}

fn legend(trend: &Trend) -> Markup {
    let unit = if trend.unit.is_empty() { String::new() } else { format!("\u{a0}{}", trend.unit) };
    let band = match trend.band {
        (Some(low), Some(high)) => Some(format!("{}–{}{unit}", brief(low), brief(high))),
        (Some(low), None) => Some(format!("≥\u{a0}{}{unit}", brief(low))),
        (None, Some(high)) => Some(format!("≤\u{a0}{}{unit}", brief(high))),
        (None, None) => None,
    };
    html! {
        p class="legend" {
            @for (index, line) in trend.lines.iter().enumerate().filter(|(_, line)| !line.name.is_empty()) {
                span class=(if index == 0 { "key one" } else { "key two" }) { (line.name) @if !unit.is_empty() { "," (unit) } }
            }
            @match band {
                Some(band) => span class="key ref" { span { @match trend.lines.first().filter(|line| !line.name.is_empty()) { Some(line) => { (line.name) ": reference range " }, None => "Reference range " } @match &trend.range { Some(said) => (show::wrapping(said)), None => span class="nb" { (band) } } } },
                None => span class="muted" { "No reference range was reported" },
            }
        }
    }
}

/// Three to six round values between the limits.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let rough = (high - low) / 4.0;
    if !rough.is_finite() || rough <= 0.0 {
        return Vec::new();
    }
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= rough).unwrap_or(rough);
    let mut tick = (low / step).ceil() * step;
    let mut all = Vec::new();
    while tick <= high && all.len() < 8 {
        all.push(tick);
        tick += step;
    }
    all
}

/// Dates at the left, the middle and the right.
fn dates(scale: &Scale, clock: &Clock) -> Vec<(f64, &'static str, String)> {
    let (from, to) = scale.times();
    let place = |part: f64, anchor| {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a date fit")]
        let at = jiff::Timestamp::from_millisecond((from + (to - from) * part) as i64).ok()?;
        Some((scale.x(at), anchor, When::of(at, clock).date))
    };
    [(0.0, "start"), (0.5, "middle"), (1.0, "end")]
        .into_iter()
        .filter_map(|(part, anchor)| place(part, anchor))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within() {
        assert_eq!(ticks(60.0, 140.0), [60.0, 80.0, 100.0, 120.0, 140.0]);
        assert_eq!(ticks(6.8, 8.3), [7.0, 7.5, 8.0]);
        assert!(ticks(5.0, 5.0).is_empty());
        assert!(ticks(f64::NAN, 1.0).is_empty());
    }
}
