//! Markup that cannot be injected into: tags come from the source code, everything else is escaped.

/// A piece of HTML under construction.
#[derive(Default)]
pub struct Html(String);

impl Html {
    pub fn new() -> Html {
        Html::default()
    }

    /// Tags, written in the source code.
    pub fn tags(mut self, tags: &'static str) -> Html {
        self.0.push_str(tags);
        self
    }

    /// Text or a quoted attribute's value, from anywhere.
    pub fn text(mut self, text: &str) -> Html {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other => self.0.push(other),
            }
        }
        self
    }

    pub fn add(mut self, piece: Html) -> Html {
        self.0.push_str(&piece.0);
        self
    }

    pub fn each<T>(self, items: impl IntoIterator<Item = T>, write: impl Fn(Html, T) -> Html) -> Html {
        items.into_iter().fold(self, write)
    }

    pub fn when(self, wanted: bool, write: impl FnOnce(Html) -> Html) -> Html {
        if wanted { write(self) } else { self }
    }

    /// `<input type="hidden">`
    pub fn hidden(self, name: &str, value: &str) -> Html {
        self.tags("<input type=\"hidden\" name=\"")
            .text(name)
            .tags("\" value=\"")
            .text(value)
            .tags("\">")
    }

    pub fn finish(self) -> String {
        self.0
    }
}
