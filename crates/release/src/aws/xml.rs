//! The one door to `aws-smithy-xml`: elements that repeat, each with the texts of some elements within.

use std::collections::BTreeMap;

use aws_smithy_xml::decode::{Document, ScopedDecoder, try_data};

/// Elements within elements; what AWS sends has about ten.
const DEEPEST: usize = 32;

/// The texts of one element by the names of the elements that they are in.
pub(super) type Row = BTreeMap<String, String>;

/// A row for each element `row`, wherever it is, with the texts of the `leaves` in it. The last of two with one name counts.
/// What is no XML has no rows.
pub(super) fn rows(xml: &[u8], row: &str, leaves: &[&str]) -> Vec<Row> {
    let mut out = Vec::new();
    let Ok(text) = std::str::from_utf8(xml) else { return out };
    let mut document = Document::new(text);
    if let Ok(mut root) = document.root_element() {
        if root.start_el().local() == row {
            out.push(Row::new());
        }
        descend(&mut root, row, leaves, 0, &mut out);
    }
    out
}

fn descend(within: &mut ScopedDecoder, row: &str, leaves: &[&str], depth: usize, out: &mut Vec<Row>) {
    while let Some(mut tag) = within.next_tag() {
        let name = tag.start_el().local().to_owned();
        if leaves.contains(&name.as_str()) {
            if let (Some(last), Ok(text)) = (out.last_mut(), try_data(&mut tag)) {
                last.insert(name, text.into_owned());
            }
            continue;
        }
        if name == row {
            out.push(Row::new());
        }
        if depth < DEEPEST {
            descend(&mut tag, row, leaves, depth + 1, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_a_list_and_of_an_error() {
        let list = b"<?xml version=\"1.0\"?><R xmlns=\"x\"><Name>b</Name><Contents><Key>a&amp;b</Key><Size>1</Size></Contents>\
            <Contents><Key>c</Key></Contents></R>";
        let found = rows(list, "Contents", &["Key"]);
        assert_eq!(found.iter().map(|r| r["Key"].as_str()).collect::<Vec<_>>(), ["a&b", "c"]);
        let error = b"<Error><Code>NoSuchKey</Code><Message>no</Message></Error>";
        assert_eq!(rows(error, "Error", &["Code"])[0]["Code"], "NoSuchKey");
        assert_eq!(rows(b"{}", "Error", &["Code"]), Vec::<Row>::new());
        let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        assert_eq!(rows(deep.as_bytes(), "b", &["c"]), Vec::<Row>::new());
    }
}
