//! Command lines as a shell would split them, as far as `make` prints them.

/// One simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Simple {
    /// Its words, quotes taken off, redirections left out.
    pub(super) words: Vec<String>,
    /// Whether a part is only known when it runs: `` `...` `` or `$(...)`. It is left out of the words.
    pub(super) runs: bool,
}

/// The simple commands of a line, in order.
pub(super) fn commands(line: &str) -> Vec<Simple> {
    let mut split = Split { out: vec![Simple::default()], ..Split::default() };
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' => {
                split.open = true;
                split.word.extend(chars.by_ref().take_while(|&c| c != '\''));
            }
            '"' => {
                split.open = true;
                while let Some(c) = chars.next().filter(|&c| c != '"') {
                    match c {
                        '\\' => match chars.next() {
                            Some(c @ ('"' | '\\' | '$' | '`')) => split.word.push(c),
                            Some(c) => split.word.extend(['\\', c]),
                            None => {}
                        },
                        '`' => split.left_out(&mut chars, '`'),
                        '$' if chars.next_if_eq(&'(').is_some() => split.left_out(&mut chars, ')'),
                        _ => split.word.push(c),
                    }
                }
            }
            '\\' => {
                // The end of a line behind it is no character at all.
                if let Some(c) = chars.next().filter(|&c| c != '\n') {
                    split.open = true;
                    split.word.push(c);
                }
            }
            '`' => split.left_out(&mut chars, '`'),
            '$' if chars.next_if_eq(&'(').is_some() => split.left_out(&mut chars, ')'),
            '#' if !split.open && split.word.is_empty() => {
                while chars.next().is_some_and(|c| c != '\n') {}
                split.end_command();
            }
            ';' | '&' | '|' | '(' | ')' | '\n' => split.end_command(),
            '<' | '>' => {
                // `2>file`: the number is no word.
                if split.word.chars().all(|c| c.is_ascii_digit()) {
                    split.word.clear();
                    split.open = false;
                }
                split.end_word();
                while chars.next_if(|&c| matches!(c, '>' | '<' | '&' | '|')).is_some() {}
                split.redirects = true;
            }
            c if c.is_whitespace() => split.end_word(),
            c => split.word.push(c),
        }
    }
    split.end_command();
    split.out.retain(|c| !c.words.is_empty());
    split.out
}

#[derive(Default)]
struct Split {
    out: Vec<Simple>,
    word: String,
    /// Whether there is a word, even an empty one.
    open: bool,
    /// Whether the next word is the file of a redirection.
    redirects: bool,
}

impl Split {
    fn end_word(&mut self) {
        if !self.word.is_empty() || self.open {
            let word = std::mem::take(&mut self.word);
            if !std::mem::take(&mut self.redirects)
                && let Some(last) = self.out.last_mut()
            {
                last.words.push(word);
            }
        }
        self.open = false;
    }

    fn end_command(&mut self) {
        self.end_word();
        self.redirects = false;
        self.out.push(Simple::default());
    }

    /// Skips to the end of what only running it could tell.
    fn left_out(&mut self, chars: &mut std::iter::Peekable<std::str::Chars>, end: char) {
        let mut depth = 0;
        for c in chars.by_ref() {
            match c {
                '(' if end == ')' => depth += 1,
                c if c == end && depth == 0 => break,
                ')' if end == ')' => depth -= 1,
                _ => {}
            }
        }
        if let Some(last) = self.out.last_mut() {
            last.runs = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<Vec<String>> {
        commands(line).into_iter().map(|c| c.words).collect()
    }

    #[test]
    fn quotes_operators_and_redirections() {
        assert_eq!(
            words(r#"cc -DV=\"1.0\" -DN='"a b"' "-DX=\$y" -c a.c"#),
            [["cc", "-DV=\"1.0\"", "-DN=\"a b\"", "-DX=$y", "-c", "a.c"]]
        );
        assert_eq!(
            words("cd src && (cc a.c 2>&1 >log;rm x)|tee"),
            [vec!["cd", "src"], vec!["cc", "a.c"], vec!["rm", "x"], vec!["tee"]]
        );
        assert_eq!(words("cc \\\n a.c # b.c\necho ''"), [vec!["cc", "a.c"], vec!["echo", ""]]);
    }

    #[test]
    fn what_only_running_tells_is_left_out_and_said() {
        let one = commands("cc -c `test -f 'a.c' || echo ./`a.c $(pkg-config --cflags \"$(NAME)\") -DX").remove(0);
        assert_eq!((one.words, one.runs), (["cc", "-c", "a.c", "-DX"].map(str::to_owned).to_vec(), true));
        for odd in ["'", "\"", "\\", "`", "$(", "<", "cc 'a", ")", "\"\\"] {
            let _ = commands(odd);
        }
    }
}
