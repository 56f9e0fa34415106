//! The one door to `aws-smithy-xml`: elements that repeat, each with the texts of some elements within; the result of an
//! operation as elements; all of a document as a value.

use std::collections::BTreeMap;

use aws_smithy_xml::decode::{Document, ScopedDecoder, try_data};
use serde_json::{Map, Value};

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

/// More elements than any answer has.
const ELEMENTS: usize = 200_000;

/// An element: its text, or the elements in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    name: String,
    text: String,
    within: Vec<Element>,
}

impl Element {
    /// The first element of a name right within.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        self.within.iter().find(|e| e.name == name)
    }

    /// The text of an element right within; empty when there is none.
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).map(|e| e.text.clone()).unwrap_or_default()
    }

    /// The same, when it is there and not empty.
    pub(super) fn some(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|t| !t.is_empty())
    }

    /// The members of a list right within.
    pub(super) fn list(&self, name: &str) -> impl Iterator<Item = &Self> {
        let list = self.get(name).map_or(&[][..], |e| &e.within);
        list.iter().filter(|e| e.name == "member")
    }
}

/// The text of a document that is there to its end. Decoders stop without a word where one is not.
fn whole(xml: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(xml).ok()?;
    let mut deep = None;
    for token in Document::new(text) {
        deep = Some(token.ok()?.1);
    }
    (deep == Some(0)).then_some(text)
}

/// The result of an operation of the query protocol as a tree. What is in neither `within` nor the frame of an answer is a
/// text, and left out when it is none. What is no XML, is cut short, or nests without end is nothing.
pub(super) fn result(xml: &[u8], within: &[&str]) -> Option<Element> {
    let mut document = Document::new(whole(xml)?);
    let mut left = ELEMENTS;
    let answer = grow(&mut document.root_element().ok()?, within, 0, &mut left)?;
    answer.within.into_iter().find(|e| e.name.ends_with("Result"))
}

fn grow(at: &mut ScopedDecoder, within: &[&str], depth: usize, left: &mut usize) -> Option<Element> {
    let mut out = Element { name: at.start_el().local().to_owned(), ..Element::default() };
    while let Some(mut tag) = at.next_tag() {
        *left = left.checked_sub(1)?;
        let name = tag.start_el().local().to_owned();
        if depth == 0 || name == "member" || within.contains(&name.as_str()) {
            if depth == DEEPEST {
                return None;
            }
            out.within.push(grow(&mut tag, within, depth + 1, left)?);
        } else if let Ok(text) = try_data(&mut tag) {
            out.within.push(Element { name, text: text.into_owned(), within: Vec::new() });
        }
    }
    Some(out)
}

/// What is in the outermost element, as a value: an element without others in it is its text, one that has only `member`
/// or `item` is a list, and so are several of one name. An empty list has no mark of being one: it is an empty text. What is
/// no XML or is cut short is nothing.
pub(super) fn tree(xml: &[u8]) -> Option<Value> {
    // The decoder gives either texts or elements, so the first walk says which elements have any within.
    let mut parents = Vec::new();
    let text = whole(xml)?;
    parents.push(false);
    find_parents(&mut Document::new(text).root_element().ok()?, 0, 0, &mut parents);
    let mut document = Document::new(text);
    let mut root = document.root_element().ok()?;
    if !parents[0] {
        return try_data(&mut root).ok().map(|t| Value::from(t.into_owned()));
    }
    Some(content(&mut root, 0, &mut parents.into_iter().skip(1)))
}

fn find_parents(within: &mut ScopedDecoder, at: usize, depth: usize, parents: &mut Vec<bool>) {
    while let Some(mut tag) = within.next_tag() {
        parents[at] = true;
        let mine = parents.len();
        parents.push(false);
        if depth < DEEPEST {
            find_parents(&mut tag, mine, depth + 1, parents);
        }
    }
}

fn content(within: &mut ScopedDecoder, depth: usize, parents: &mut impl Iterator<Item = bool>) -> Value {
    let mut named: Vec<(String, Value)> = Vec::new();
    while let Some(mut tag) = within.next_tag() {
        let name = tag.start_el().local().to_owned();
        let value = match parents.next() {
            Some(true) if depth < DEEPEST => content(&mut tag, depth + 1, &mut *parents),
            Some(false) if depth < DEEPEST => try_data(&mut tag).map_or(Value::Null, |t| Value::from(t.into_owned())),
            _ => Value::Null,
        };
        named.push((name, value));
    }
    if !named.is_empty() && named.iter().all(|(n, _)| n == "member" || n == "item") {
        return named.into_iter().map(|(_, v)| v).collect();
    }
    let mut out = Map::new();
    for (name, value) in named {
        match out.get_mut(&name) {
            None => drop(out.insert(name, value)),
            Some(Value::Array(all)) => all.push(value),
            Some(one) => *one = Value::Array(vec![one.take(), value]),
        }
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_a_value() {
        let answer = b"<?xml version=\"1.0\"?><R xmlns=\"x\"><Groups><member><Name>a&amp;b</Name><Arns/></member><member><Name>c</Name>\
            <Arns><member>1</member></Arns></member></Groups><Rule><Days>5</Days></Rule><Rule><Days>6</Days></Rule></R>";
        let want = json!({
            "Groups": [{"Name": "a&b", "Arns": ""}, {"Name": "c", "Arns": ["1"]}], "Rule": [{"Days": "5"}, {"Days": "6"}],
        });
        assert_eq!(tree(answer), Some(want));
        assert_eq!(tree(b"<L xmlns=\"x\">eu-west-1</L>"), Some("eu-west-1".into()));
        assert_eq!(tree(b"<L/>\n"), Some("".into()));
        for broken in [&b""[..], b"{}", b"\xff", b"<a><b>", b"<?xml version=\"1.0\"?>", b"<a><b>1</b><b>\x1b</b></a>"] {
            assert_eq!(tree(broken), None, "{}", String::from_utf8_lossy(broken));
        }
        // Half an answer is none, wherever it is cut.
        for end in 0..answer.len() {
            assert_eq!(tree(&answer[..end]), None, "{}", String::from_utf8_lossy(&answer[..end]));
        }
        let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        assert!(tree(deep.as_bytes()).unwrap().is_object());
    }

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

    #[test]
    fn trees_of_lists_in_lists() {
        let xml = b"<DescribeXResponse xmlns=\"x\"><DescribeXResult><Name>a &lt;b&gt;</Name><All><member><Id>1</Id><Inner><member>\
            <Id>2</Id></member></Inner><Other><Id>9</Id></Other></member><member/></All></DescribeXResult>\
            <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DescribeXResponse>";
        let tree = result(xml, &["All", "Inner"]).unwrap();
        assert_eq!(tree.text("Name"), "a <b>");
        let all: Vec<&Element> = tree.list("All").collect();
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].text("Id"), all[0].list("Inner").next().unwrap().text("Id")), ("1".into(), "2".into()));
        assert_eq!(all[0].some("Other"), None);
        let broken = String::from_utf8(xml.to_vec()).unwrap().replace("<Id>2", "<Id>\u{1b}");
        assert_eq!(result(broken.as_bytes(), &["All", "Inner"]), None, "half a list is none");
        for bad in ["", "{}", "<a>", "<a><b>", "\u{0}", "<aResponse><aResult><All>", "<aResponse><aResult></aResult>"] {
            assert_eq!(result(bad.as_bytes(), &["All"]), None, "{bad}");
        }
        let deep = format!("<a>{}{}</a>", "<member>".repeat(100_000), "</member>".repeat(100_000));
        assert_eq!(result(deep.as_bytes(), &[]), None);
    }
}
