//! The accepted findings with their reasons, apart from the new ones; what is not right with them.

use std::fmt::Write as _;
use std::path::Path;

use super::{Input, badge, rich};
use crate::audit::Audit;
use crate::report::plain::{cut, html};

/// Bytes of a source line that are shown: some sources have one line.
const LONG: usize = 200;

/// Whether there is anything to say here.
pub(super) fn any(audit: &Audit) -> bool {
    !(audit.accepted.is_empty() && audit.gone.is_empty() && audit.remarks.is_empty())
}

pub(super) fn section(out: &mut String, input: &Input) {
    let Input { audit, paths, .. } = input;
    if !any(audit) {
        return;
    }
    out.push_str("<section id=\"accepted\" aria-labelledby=\"h-accepted\">\n<h2 id=\"h-accepted\">Accepted</h2>\n");
    for r in &audit.remarks {
        let _ = writeln!(
            out,
            "<p class=\"remark\"><b>{} acceptance</b> <code>{}:{}</code> {}</p>",
            r.kind(),
            html(&paths.of(&r.file)),
            r.line,
            rich(&r.message)
        );
    }
    if !audit.accepted.is_empty() {
        let count = audit.accepted.len();
        let _ = writeln!(
            out,
            "<p>Somebody has looked at {} and takes {} as it is: not counted above.</p>\n<div class=\"long\" tabindex=\"0\" \
             role=\"region\" aria-labelledby=\"h-accepted\"><table>\n<thead><tr><th scope=\"col\">Level</th><th \
             scope=\"col\">Check</th><th scope=\"col\">Place</th><th scope=\"col\">Reason</th><th scope=\"col\">Accepted \
             in</th></tr></thead>\n<tbody>",
            if count == 1 { "1 finding".to_owned() } else { format!("{count} findings") },
            if count == 1 { "it" } else { "each" },
        );
    }
    for f in &audit.accepted {
        let Some(a) = &f.accepted else { continue };
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td><a href=\"#check-{1}\">{1}</a></td><th scope=\"row\">{2}<code class=\"line\">{3}</code></th>\
             <td>{4}</td><td>{5}</td></tr>",
            badge(f.level),
            f.check,
            html(&paths.at(&f.spot)),
            html(&cut(f.spot.text.trim(), LONG)),
            html(&a.reason),
            html(&paths.of(Path::new(&a.place)))
        );
    }
    if !audit.accepted.is_empty() {
        out.push_str("</tbody></table></div>\n");
    }
    if !audit.gone.is_empty() {
        out.push_str(
            "<h3>Accepted and gone</h3>\n<p>In the baseline, and not found any more; <code>legacy-port baseline prune</code> takes \
             them out.</p>\n<ul>\n",
        );
        for a in &audit.gone {
            let _ = writeln!(
                out,
                "<li>{}: {}: <code>{}</code> {}</li>",
                html(&paths.of(&a.file)),
                html(&a.check),
                html(&cut(&a.source, LONG)),
                html(&a.reason)
            );
        }
        out.push_str("</ul>\n");
    }
    out.push_str("</section>\n");
}
