//! Two layouts of one record -> an SVG that shows them side by side.
//!
//! Bytes run downwards. Boxes are members, hatched ones padding; what a member moved by stands on the line between its
//! two places. Heights grow with sizes, but a kilobyte is no hundred times as high as a pointer: the rulers outside say
//! the offsets.

mod rows;

use std::fmt::Write as _;

use rows::{Kind, Row, rows};

use super::plain::{cut, html};
use crate::layout::{Layout, Member};
use crate::target::Pair;

/// What a page that has drawings in it puts into its style; all classes begin with `layout`. The colours are custom
/// properties of the page: `--text`, `--muted`, `--box`, `--wider`, `--line`, `--page`.
pub const CSS: &str = include_str!("layout.css");

/// Pixels: the whole, a ruler, a box, and the space between the two.
const WIDTH: u32 = 760;
const RULER: u32 = 52;
const BOX: u32 = 272;
const TOP: u32 = 30;

/// How far the members of a record in a record are set in.
const INDENT: u32 = 14;

/// The most that they are set in, however deep: names still fit in.
const INSET: u32 = 8 * INDENT;

/// The drawing. `names` are those of the targets; `id` makes what it refers to in itself unique in a page.
#[must_use]
pub fn svg(layouts: Pair<&Layout>, names: Pair<&str>, id: &str) -> String {
    let columns = layouts.map(rows);
    let height = [&columns.old, &columns.new].map(|c| c.last().map_or(TOP, |r| r.y + r.height)).into_iter().max();
    let height = height.unwrap_or(TOP) + 24;
    let mut out = format!(
        "<svg class=\"layout\" role=\"img\" aria-labelledby=\"{id}-title\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" xmlns=\"http://www.w3.org/2000/svg\">\n<title id=\"{id}-title\">{}</title>\n\
         <defs><pattern id=\"{id}-hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><path class=\"layout-hatch\" d=\"M0 0V6\"/></pattern></defs>\n",
        html(&title(layouts, names))
    );
    let partner = partners(layouts);
    for (side, column) in [(0, &columns.old), (1, &columns.new)] {
        let (layout, name) = if side == 0 { (layouts.old, names.old) } else { (layouts.new, names.new) };
        let left = if side == 0 { RULER } else { WIDTH - RULER - BOX };
        let _ = writeln!(
            out,
            "<text class=\"layout-target\" x=\"{left}\" y=\"18\">{}</text><text class=\"layout-size\" x=\"{}\" y=\"18\" \
             text-anchor=\"end\">{}, aligned to {}</text>",
            html(name),
            left + BOX,
            bytes(layout.size.saturating_mul(8)),
            layout.align
        );
        for row in column {
            let other = row.top.and_then(|i| if side == 0 { partner.get(i).copied()? } else { old_of(&partner, i) });
            let was = match side {
                0 => None,
                _ => other.and_then(|i| layouts.old.members.get(i)).map(|m| m.bits).filter(|_| row.top.is_some()),
            };
            let alone = row.top.is_some() && other.is_none();
            box_of(&mut out, row, left, id, was, alone);
        }
        ruler(&mut out, column, layout, side == 0);
    }
    links(&mut out, &columns, &partner);
    out.push_str("</svg>\n");
    out
}

/// The drawing in a sentence, for those who do not see it.
fn title(layouts: Pair<&Layout>, names: Pair<&str>) -> String {
    format!(
        "{}: {} on {}, {} on {}",
        layouts.new.name,
        bytes(layouts.old.size.saturating_mul(8)),
        names.old,
        bytes(layouts.new.size.saturating_mul(8)),
        names.new
    )
}

/// The member of the new layout that each member of the old one is: by name, and without one by its position.
fn partners(layouts: Pair<&Layout>) -> Vec<Option<usize>> {
    let find = |(i, m): (usize, &Member)| {
        if m.name.is_empty() {
            layouts.new.members.get(i).filter(|n| n.name.is_empty()).map(|_| i)
        } else {
            layouts.new.members.iter().position(|n| n.name == m.name)
        }
    };
    layouts.old.members.iter().enumerate().map(find).collect()
}

fn old_of(partner: &[Option<usize>], new: usize) -> Option<usize> {
    partner.iter().position(|p| *p == Some(new))
}

/// One box with what it says. `was` is the size that it has under the old target.
fn box_of(out: &mut String, row: &Row, column: u32, id: &str, was: Option<u64>, alone: bool) {
    let inset = row.depth.saturating_mul(INDENT).min(INSET);
    let (x, w) = (column + inset, BOX - inset);
    let Row { y, height, .. } = *row;
    let wider = was.is_some_and(|was| was != row.bits);
    let class = match row.kind {
        Kind::Padding => "layout-padding",
        Kind::Rest => "layout-rest",
        _ if wider => "layout-box layout-wider",
        _ if row.bits == 0 => "layout-box layout-empty",
        Kind::Head => "layout-box layout-head",
        _ => "layout-box",
    };
    // Of a union the part that a member does not use is left empty.
    let used = if row.kind == Kind::Overlay && row.of > 0 {
        u32::try_from(u128::from(w) * u128::from(row.bits) / u128::from(row.of)).unwrap_or(w).clamp(2, w)
    } else {
        w
    };
    if used < w {
        let _ = write!(out, "<rect class=\"layout-unused\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{height}\"/>");
    }
    let _ = write!(out, "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{used}\" height=\"{height}\"");
    if row.kind == Kind::Padding {
        let _ = write!(out, " fill=\"url(#{id}-hatch)\"");
    }
    out.push_str("/>");
    ticks(out, row, if column == RULER { x } else { x + w - 4 });
    let baseline = y + height.min(40) / 2 + 4;
    let size = match was {
        Some(was) if wider && was.is_multiple_of(8) && row.bits.is_multiple_of(8) => {
            format!("{} → {}", was / 8, bytes(row.bits))
        }
        _ if alone => format!("{}, only here", bytes(row.bits)),
        _ => bytes(row.bits),
    };
    let (name, ty) = match (row.kind, row.member) {
        (Kind::Padding, _) => (String::new(), "padding".to_owned()),
        (Kind::Rest, _) => (String::new(), format!("{} further members", row.left_out)),
        (_, None) => (String::new(), String::new()),
        (_, Some(m)) => (m.name.clone(), m.ty.clone()),
    };
    // About 7 pixels a character.
    let room = ((w as usize).saturating_sub(20) / 7).saturating_sub(size.chars().count() + 2);
    let name = characters(&name, room);
    let ty = characters(&ty, room.saturating_sub(name.chars().count() + 1));
    let class = if row.kind == Kind::Padding { "layout-note" } else { "layout-type" };
    let _ = write!(out, "<text class=\"{class}\" x=\"{}\" y=\"{baseline}\">", x + 8);
    if !name.is_empty() {
        let _ = write!(out, "<tspan class=\"layout-name\">{}</tspan> ", html(&name));
    }
    let _ = write!(out, "{}</text>", html(&ty));
    if row.kind != Kind::Rest {
        let x = x + w - 8;
        let class = if wider { "layout-size layout-changed" } else { "layout-size" };
        let _ = write!(out, "<text class=\"{class}\" x=\"{x}\" y=\"{baseline}\" text-anchor=\"end\">{size}</text>");
    }
    out.push('\n');
}

/// A mark at each byte of a small member.
fn ticks(out: &mut String, row: &Row, x: u32) {
    let bytes = row.bits / 8;
    if !row.bits.is_multiple_of(8) || !(2..=16).contains(&bytes) || !matches!(row.kind, Kind::Member | Kind::Padding) {
        return;
    }
    let mut path = String::new();
    for i in 1..bytes {
        let y = u64::from(row.y) + u64::from(row.height) * i / bytes;
        let _ = write!(path, "M{x} {y}h4");
    }
    let _ = write!(out, "<path class=\"layout-tick\" d=\"{path}\"/>");
}

/// The offsets outside of a column, and its size at the end.
fn ruler(out: &mut String, column: &[Row], layout: &Layout, left: bool) {
    let (x, anchor) = if left { (RULER - 6, "end") } else { (WIDTH - RULER + 6, "start") };
    let mut last = None;
    let mut mark = |y: u32, offset: u64| {
        // A record in a record begins where its first member does.
        if last != Some(offset) {
            let shown = if offset.is_multiple_of(8) {
                (offset / 8).to_string()
            } else {
                format!("{}:{}", offset / 8, offset % 8)
            };
            let _ = writeln!(
                out,
                "<text class=\"layout-ruler\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{shown}</text>"
            );
        }
        last = Some(offset);
    };
    for row in column {
        mark(row.y + 10, row.offset);
    }
    let end = column.last().map_or(TOP, |r| r.y + r.height);
    mark(end + 14, layout.size.saturating_mul(8));
}

/// Lines between the two places of what moved, with by how much.
fn links(out: &mut String, columns: &Pair<Vec<Row>>, partner: &[Option<usize>]) {
    let at = |column: &[Row], top: usize| {
        column.iter().find(|r| r.top == Some(top)).map(|r| (r.y + r.height.min(40) / 2, r.offset))
    };
    let (from, to) = (RULER + BOX, WIDTH - RULER - BOX);
    let middle = u32::midpoint(from, to);
    for (i, new) in partner.iter().enumerate() {
        let Some((old, new)) = at(&columns.old, i).zip(new.and_then(|n| at(&columns.new, n))) else { continue };
        if old.1 == new.1 {
            continue;
        }
        let sign = if new.1 > old.1 { '+' } else { '−' };
        let by = old.1.abs_diff(new.1);
        let by = if by.is_multiple_of(8) { (by / 8).to_string() } else { format!("{by} bits") };
        let _ = writeln!(
            out,
            "<path class=\"layout-link\" d=\"M{from} {}C{middle} {} {middle} {} {to} {}\"/>\
             <text class=\"layout-by\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">{sign}{by}</text>",
            old.0,
            old.0,
            new.0,
            new.0,
            u32::midpoint(old.0, new.0) + 4
        );
    }
}

/// A number of bits as people say it.
#[must_use]
pub(super) fn bytes(bits: u64) -> String {
    match bits {
        8 => "1 byte".into(),
        1 => "1 bit".into(),
        b if b.is_multiple_of(8) => format!("{} bytes", b / 8),
        b => format!("{b} bits"),
    }
}

/// At most `limit` characters.
fn characters(text: &str, limit: usize) -> String {
    if text.char_indices().nth(limit).is_none() {
        return text.to_owned();
    }
    let end = text.char_indices().nth(limit.saturating_sub(1)).map_or(0, |(i, _)| i);
    cut(text, end).into_owned()
}
