//! What is computed of what was measured.

/// Body mass index in kg/m² (Quetelet; WHO Technical Report Series 894, 2000) of kg and cm.
#[must_use]
pub fn body_mass_index(weight: f64, height: f64) -> f64 {
    let metres = height / 100.0;
    weight / (metres * metres)
}

/// Body surface in m² of kg and cm: √(height × weight / 3600) (Mosteller RD, N Engl J Med 1987;317:1098).
#[must_use]
pub fn body_surface(weight: f64, height: f64) -> f64 {
    (height * weight / 3600.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn computed_values_by_hand() {
        // 70 kg, 175 cm: 70 / 3.0625 = 22.857; sqrt(175 * 70 / 3600) = sqrt(3.40278) = 1.84466.
        assert!((body_mass_index(70.0, 175.0) - 22.857).abs() < 0.001);
        assert!((body_surface(70.0, 175.0) - 1.844_66).abs() < 0.000_01);
    }
}
