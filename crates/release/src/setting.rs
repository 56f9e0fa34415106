//! A value of `release.toml`: known, from the environment of this process, or told by a stack later.

use std::fmt;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// Known now.
    Known(String),
    /// What a `CloudFormation` stack says under this name; asked when an account is reached.
    Output {
        /// The stack.
        stack: String,
        /// The name of its output.
        name: String,
    },
}

impl fmt::Display for Setting {
    /// As it is written in the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(v) => f.write_str(v),
            Self::Output { stack, name } => write!(f, "${{output:{stack}.{name}}}"),
        }
    }
}

impl Setting {
    /// Reads a value: `${NAME}` in it is what `variables` says, `${output:STACK.NAME}` is all of it.
    ///
    /// # Errors
    /// In words, for a variable that is not set and a `${` that is not ended.
    pub fn parse(text: &str, variables: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        if let Some(output) = text.strip_prefix("${output:") {
            let whole = output.strip_suffix('}').and_then(|o| o.split_once('.'));
            return match whole {
                Some((stack, name))
                    if is_name(stack) && !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric()) =>
                {
                    Ok(Self::Output { stack: stack.to_owned(), name: name.to_owned() })
                }
                _ => Err(format!("`{text}`: expected `${{output:STACK.NAME}}` and nothing beside it")),
            };
        }
        let (mut out, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once("${") {
            let (name, end) = after.split_once('}').ok_or_else(|| format!("`{text}`: `${{` without `}}`"))?;
            if !is_variable(name) {
                return Err(format!(
                    "`${{{name}}}`: expected the name of a variable, or `${{output:STACK.NAME}}` alone"
                ));
            }
            // The value is not read again: what it contains is its own affair. It is not told in errors either.
            let value = variables(name).ok_or_else(|| format!("the variable `{name}` is not set"))?;
            out.push_str(before);
            out.push_str(&value);
            rest = end;
        }
        out.push_str(rest);
        Ok(Self::Known(out))
    }
}

fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whether it is an account id: 12 digits.
#[must_use]
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Whether it looks like a region: `eu-west-1`, `us-gov-east-1`.
#[must_use]
pub fn is_region(text: &str) -> bool {
    let mut parts = text.rsplit('-');
    let number = parts.next().is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let words: Vec<&str> = parts.collect();
    number && words.len() >= 2 && words.iter().all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()))
}

/// Whether it is the ARN of an SNS topic.
#[must_use]
pub fn is_topic(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    matches!(parts[..], ["arn", partition, "sns", region, account, name]
        if partition.starts_with("aws") && is_region(region) && is_account(account) && is_name(name))
}

/// Whether it can be the name of a resource.
#[must_use]
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 255
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'))
}
