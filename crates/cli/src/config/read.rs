//! Reads TOML with the eyes of the person who wrote it: whatever is wrong is said with its line,
//! and a key nobody knows with the nearest one that somebody does.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What is wrong in a configuration file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub file: PathBuf,
    pub line: Option<usize>,
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}", self.text)
    }
}

impl std::error::Error for Problem {}

/// A file's text with its name, for saying where something is.
pub struct Source {
    file: PathBuf,
    text: String,
}

impl Source {
    pub fn new(file: &Path, text: String) -> Source {
        Source {
            file: file.to_owned(),
            text,
        }
    }

    pub fn parse(&self) -> Result<Spanned<DeTable<'_>>, Problem> {
        DeTable::parse(&self.text).map_err(|error| {
            let text = error.message().trim().replace('\n', ", ");
            self.problem(error.span(), format!("this is not TOML: {text}"))
        })
    }

    pub fn problem(&self, at: Option<Range<usize>>, text: impl Into<String>) -> Problem {
        let line = at.map(|at| {
            1 + self
                .text
                .as_bytes()
                .iter()
                .take(at.start)
                .filter(|byte| **byte == b'\n')
                .count()
        });
        Problem {
            file: self.file.clone(),
            line,
            text: text.into(),
        }
    }
}

/// A table of the file whose keys are all known.
pub struct Section<'a> {
    source: &'a Source,
    /// As the file spells it: `server`, `shop.keys.test`; empty for the file itself.
    name: String,
    table: &'a DeTable<'a>,
    at: Range<usize>,
}

impl<'a> Section<'a> {
    pub fn whole(
        source: &'a Source,
        table: &'a Spanned<DeTable<'a>>,
        known: &[&'static str],
    ) -> Result<Section<'a>, Problem> {
        Section::open(source, String::new(), table.get_ref(), 0..0, known)
    }

    fn open(
        source: &'a Source,
        name: String,
        table: &'a DeTable<'a>,
        at: Range<usize>,
        known: &[&'static str],
    ) -> Result<Section<'a>, Problem> {
        let stranger = table.keys().find(|key| !known.contains(&key.get_ref().as_ref()));
        if let Some(key) = stranger {
            let place = if name.is_empty() {
                "the file".to_owned()
            } else {
                format!("[{name}]")
            };
            let text = format!(
                "`{}` is not a key of {place}{}",
                key.get_ref(),
                nearest(key.get_ref(), known)
            );
            return Err(source.problem(Some(key.span()), text));
        }
        Ok(Section {
            source,
            name,
            table,
            at,
        })
    }

    /// The full name of a key, as messages say it.
    fn named(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) -> Problem {
        let text = format!(
            "`{}` must be {wanted}, not {}",
            self.named(key),
            value.get_ref().type_str()
        );
        self.source.problem(Some(value.span()), text)
    }

    /// Something about the value of `key`, said with its line.
    pub fn complain(&self, key: &str, text: impl fmt::Display) -> Problem {
        let at = self.table.get(key).map_or(self.at.clone(), Spanned::span);
        self.source.problem(Some(at), format!("`{}`: {text}", self.named(key)))
    }

    pub fn missing(&self, key: &str, hint: &str) -> Problem {
        self.source.problem(
            Some(self.at.clone()),
            format!("`{}` is missing: {hint}", self.named(key)),
        )
    }

    pub fn text(&self, key: &str) -> Result<Option<String>, Problem> {
        let Some(value) = self.table.get(key) else {
            return Ok(None);
        };
        let text = value
            .get_ref()
            .as_str()
            .ok_or_else(|| self.wrong(key, value, "a text"))?;
        Ok(Some(text.to_owned()))
    }

    pub fn required(&self, key: &str, hint: &str) -> Result<String, Problem> {
        self.text(key)?.ok_or_else(|| self.missing(key, hint))
    }

    pub fn flag(&self, key: &str) -> Result<Option<bool>, Problem> {
        let Some(value) = self.table.get(key) else {
            return Ok(None);
        };
        let flag = value.get_ref().as_bool();
        flag.map(Some).ok_or_else(|| self.wrong(key, value, "true or false"))
    }

    pub fn number(&self, key: &str) -> Result<Option<i64>, Problem> {
        let Some(value) = self.table.get(key) else {
            return Ok(None);
        };
        let number = value.get_ref().as_integer();
        let number = number.and_then(|number| i64::from_str_radix(number.as_str(), number.radix()).ok());
        number.map(Some).ok_or_else(|| self.wrong(key, value, "a whole number"))
    }

    pub fn texts(&self, key: &str) -> Result<Vec<String>, Problem> {
        let Some(value) = self.table.get(key) else {
            return Ok(Vec::new());
        };
        let array = value
            .get_ref()
            .as_array()
            .ok_or_else(|| self.wrong(key, value, "a list of texts"))?;
        let text = |item: &Spanned<DeValue<'_>>| {
            let text = item
                .get_ref()
                .as_str()
                .ok_or_else(|| self.wrong(key, item, "a list of texts"))?;
            Ok(text.to_owned())
        };
        array.iter().map(text).collect()
    }

    pub fn section(&self, key: &'static str, known: &[&'static str]) -> Result<Option<Section<'a>>, Problem> {
        let Some(value) = self.table.get(key) else {
            return Ok(None);
        };
        let table = value
            .get_ref()
            .as_table()
            .ok_or_else(|| self.wrong(key, value, "a section"))?;
        Section::open(self.source, self.named(key), table, value.span(), known).map(Some)
    }

    /// `[[key]]`, as many as there are.
    pub fn sections(&self, key: &'static str, known: &[&'static str]) -> Result<Vec<Section<'a>>, Problem> {
        let Some(value) = self.table.get(key) else {
            return Ok(Vec::new());
        };
        let array = value
            .get_ref()
            .as_array()
            .ok_or_else(|| self.wrong(key, value, &format!("written as [[{}]]", self.named(key))))?;
        let open = |item: &'a Spanned<DeValue<'a>>| {
            let table = item
                .get_ref()
                .as_table()
                .ok_or_else(|| self.wrong(key, item, "a section"))?;
            Section::open(self.source, self.named(key), table, item.span(), known)
        };
        array.iter().map(open).collect()
    }

    /// A section whose keys somebody else checks: name, and value as text.
    pub fn free_texts(&self, key: &str) -> Result<BTreeMap<String, String>, Problem> {
        self.free(key, |name, value| {
            let text = value
                .get_ref()
                .as_str()
                .ok_or_else(|| self.wrong(&format!("{key}.{name}"), value, "a text"))?;
            Ok(text.to_owned())
        })
    }

    /// A section whose keys somebody else checks and whose values are references to secrets.
    pub fn free_references(&self, key: &str) -> Result<BTreeMap<String, Reference>, Problem> {
        self.free(key, |name, value| self.reference_in(&format!("{key}.{name}"), value))
    }

    fn free<T>(
        &self,
        key: &str,
        read: impl Fn(&str, &'a Spanned<DeValue<'a>>) -> Result<T, Problem>,
    ) -> Result<BTreeMap<String, T>, Problem> {
        let Some(value) = self.table.get(key) else {
            return Ok(BTreeMap::new());
        };
        let table = value
            .get_ref()
            .as_table()
            .ok_or_else(|| self.wrong(key, value, "a section"))?;
        let pair = |(name, value): (&Spanned<_>, &'a Spanned<DeValue<'a>>)| {
            let name: &std::borrow::Cow<'_, str> = name.get_ref();
            Ok((name.to_string(), read(name, value)?))
        };
        table.iter().map(pair).collect()
    }

    pub fn reference(&self, key: &str) -> Result<Option<Reference>, Problem> {
        self.table
            .get(key)
            .map(|value| self.reference_in(key, value))
            .transpose()
    }

    fn reference_in(&self, key: &str, value: &'a Spanned<DeValue<'a>>) -> Result<Reference, Problem> {
        let hint = "secrets are not written here but named: { file = \"keys/…\" } or { env = \"NAME\" }";
        let problem = || {
            self.source
                .problem(Some(value.span()), format!("`{}`: {hint}", self.named(key)))
        };
        let table = value.get_ref().as_table().ok_or_else(problem)?;
        let only = |name: &str| {
            table
                .get(name)
                .filter(|_| table.len() == 1)
                .and_then(|text| text.get_ref().as_str())
        };
        let place = if let Some(file) = only("file") {
            Place::File(file.into())
        } else {
            Place::Env(only("env").ok_or_else(problem)?.to_owned())
        };
        Ok(Reference {
            place,
            at: self
                .source
                .problem(Some(value.span()), format!("`{}`", self.named(key))),
        })
    }
}

/// Where a secret lies.
#[derive(Debug, Clone)]
pub struct Reference {
    pub place: Place,
    /// The key that names it, for messages.
    at: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Env(String),
    /// As written; relative to the configuration file.
    File(PathBuf),
}

impl Reference {
    pub fn complain(&self, text: impl fmt::Display) -> Problem {
        Problem {
            text: format!("{}: {text}", self.at.text),
            ..self.at.clone()
        }
    }
}

/// `; did you mean …` when there is something near, else what there is.
pub fn nearest(name: &str, known: &[&'static str]) -> String {
    let near = known
        .iter()
        .map(|key| (strsim::damerau_levenshtein(key, name), key))
        .min()
        .filter(|(distance, key)| *distance <= key.chars().count().max(4) / 2);
    match near {
        Some((_, key)) => format!("; did you mean `{key}`?"),
        None => format!("; known are {}", known.join(", ")),
    }
}
