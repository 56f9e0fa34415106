//! What a glibc program expects of any system: users, name services, a place for temporary files.

use std::path::Path;

use crate::base::Base;
use crate::plan::{Entries, folder, own};

/// Entries for the user that the image runs as. What a base has of it stays, and is continued where the user is not in it.
pub(crate) fn system(user: u32, base: Option<&Base>) -> Entries {
    let passwd = "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\n";
    let group = "root:x:0:\nnobody:x:65534:\n";
    let switch = "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n";
    let mut entries = Entries::from([
        ("tmp".into(), folder(0o1777, 0, "temporary files")),
        ("home/nonroot".into(), folder(0o700, user, "home of the user")),
    ]);
    let mut add = |path: &str, text: Option<String>, why: &str| {
        if let Some(text) = text {
            entries.insert(path.into(), own(text.into_bytes(), why));
        }
    };
    let of_base = |path: &str| base.and_then(|b| b.text(Path::new(path)));
    let line = |name: &str| format!("{name}:x:{user}:{user}:nonroot:/home/nonroot:/sbin/nologin\n");
    add("etc/passwd", with(of_base("etc/passwd").unwrap_or(passwd), user, line), "getpwnam and the like");
    let line = |name: &str| format!("{name}:x:{user}:\n");
    add("etc/group", with(of_base("etc/group").unwrap_or(group), user, line), "getgrnam and the like");
    let told = base.is_some_and(|b| b.has("etc/nsswitch.conf"));
    add("etc/nsswitch.conf", Some(switch.to_owned()).filter(|_| !told), "name services of glibc");
    entries
}

/// A table of users or groups with this one in it; `None` where it is.
fn with(table: &str, id: u32, line: impl Fn(&str) -> String) -> Option<String> {
    let field = |line: &str, n: usize| line.split(':').nth(n).map(str::to_owned);
    if table.lines().any(|l| field(l, 2).as_deref() == Some(&*id.to_string())) {
        return None;
    }
    let taken = table.lines().any(|l| field(l, 0).as_deref() == Some("nonroot"));
    let name = if taken { format!("nonroot{id}") } else { "nonroot".into() };
    let end = if table.is_empty() || table.ends_with('\n') { "" } else { "\n" };
    Some(format!("{table}{end}{}", line(&name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_is_in_the_table_once() {
        let line = |name: &str| format!("{name}:x:7:\n");
        assert_eq!(with("root:x:0:\n", 7, line).unwrap(), "root:x:0:\nnonroot:x:7:\n");
        assert_eq!(with("root:x:0:\nnonroot:x:9:", 7, line).unwrap(), "root:x:0:\nnonroot:x:9:\nnonroot7:x:7:\n");
        assert_eq!(with("app:x:7:\n", 7, line), None);
        assert_eq!(with("", 7, line).unwrap(), "nonroot:x:7:\n");
    }
}
