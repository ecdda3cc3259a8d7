//! The style sheet's colours: text can be read, and charts can be seen, on whatever they stand.

use super::*;

/// What is written in, and what is drawn in; and what either stands on.
const TEXT: [&str; 5] = ["ink", "muted", "good", "warn", "bad"];
const CHARTS: [&str; 3] = ["bar", "good", "warn"];
const GROUNDS: [&str; 2] = ["paper", "panel"];

/// The blocks of colours: light, dark and printed.
fn palettes() -> Vec<&'static str> {
    CSS.split(":root {").skip(1).map(|block| block.split('}').next().expect("a block is closed")).collect()
}

fn color(palette: &str, name: &str) -> [u8; 3] {
    let (_, value) = palette.split_once(&format!("--{name}: #")).unwrap_or_else(|| panic!("{name} is a colour"));
    let digits = value.split(';').next().expect("a value ends");
    let number = u32::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("{digits} is a colour"));
    [number >> 16, number >> 8, number].map(|part| u8::try_from(part & 0xff).expect("it is a byte"))
}

/// The relative luminance that WCAG 2.2 defines.
fn luminance(color: [u8; 3]) -> f64 {
    let [red, green, blue] = color.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// The contrast ratio that WCAG 2.2 defines.
fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn contrast_is_that_of_the_standards_examples() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
    assert!((contrast([0x77; 3], [255; 3]) - 4.48).abs() < 0.005);
}

#[test]
fn text_contrasts_at_least_4_5_to_1_and_charts_3_to_1() {
    assert_eq!(palettes().len(), 3);
    for palette in palettes() {
        for ground in GROUNDS {
            for (names, least) in [(&TEXT[..], 4.5), (&CHARTS[..], 3.0)] {
                for name in names {
                    let contrast = contrast(color(palette, name), color(palette, ground));
                    assert!(contrast >= least, "{name} on {ground}: {contrast:.2}{palette}");
                }
            }
        }
    }
}

#[test]
fn no_colour_is_named_outside_of_the_palettes() {
    let outside: String = CSS.split(":root {").map(|block| block.split_once('}').map_or(block, |(_, rest)| rest)).collect();
    assert!(!outside.contains('#'), "a colour has no name");
    let used: Vec<_> = outside.split("color: var(--").skip(1).map(|rest| rest.split(')').next().unwrap_or_default()).collect();
    assert!(!used.is_empty() && used.iter().all(|name| TEXT.contains(name)), "{used:?}");
}

#[test]
fn a_style_sheet_cannot_end_early_and_loads_nothing() {
    for forbidden in ["</", "@import", "url(", "http"] {
        assert!(!CSS.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn what_html_forbids_is_escaped() {
    assert_eq!(
        text("a\u{fffe}b\u{fdd0}\u{10ffff}\0<\u{202e}>").into_string(),
        r"<bdi>a\u{fffe}b\u{fdd0}\u{10ffff}\u{0}&lt;\u{202e}&gt;</bdi>"
    );
}
