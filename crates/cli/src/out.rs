//! Standard output: answers go here, logs and errors go to standard error.

use std::io::Write;

use serde::Serialize;

/// One line. A reader that has gone away (`| head`) is no error.
pub fn line(text: impl AsRef<str>) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", text.as_ref());
    let _ = out.flush();
}

/// One line of JSON.
pub fn json(value: &impl Serialize) -> anyhow::Result<()> {
    line(serde_json::to_string(value)?);
    Ok(())
}

/// A table: a column is as wide as its widest cell, and right-aligned where its title begins with `>`.
pub fn table(titles: &[&str], rows: &[Vec<String>]) -> String {
    let right: Vec<bool> = titles.iter().map(|title| title.starts_with('>')).collect();
    let titles: Vec<String> = titles
        .iter()
        .map(|title| title.trim_start_matches('>').to_owned())
        .collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).chain(titles.get(column));
        cells.map(|cell| columns(cell)).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..titles.len()).map(width).collect();
    let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
    let mut text = String::new();
    for row in [&titles, &rule].into_iter().chain(rows) {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths.get(column).copied().unwrap_or(0).saturating_sub(columns(cell)));
            let is_right = right.get(column).copied().unwrap_or(false);
            line.push_str(if column == 0 { "  " } else { "   " });
            line.push_str(&if is_right {
                format!("{pad}{cell}")
            } else {
                format!("{cell}{pad}")
            });
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Cells of a terminal: Hangul and Hanja take two.
fn columns(text: &str) -> usize {
    let wide = |letter: char| matches!(letter, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{ff00}'..='\u{ff60}');
    text.chars().map(|letter| if wide(letter) { 2 } else { 1 }).sum()
}

/// Digits in threes: `1,234,567`.
pub fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let (whole, rest) = digits
        .split_once('.')
        .map_or((digits, String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    let mut text = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{sign}{text}{rest}")
}
