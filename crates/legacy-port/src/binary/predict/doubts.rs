//! What a prediction takes to be so without being told.

use super::asked::Outline;
use super::judge::{self, Length};
use super::{Expected, Files, Predictor, base, known, sizes};
use crate::binary::dwarf::fit::{Item, Placed};
use crate::binary::dwarf::graph::{Id, Node, Tag};
use crate::binary::dwarf::shape::{self, DEEP, Shape, Shapes};

impl Predictor<'_, '_> {
    /// Assumptions about a type; about what it is another name or an array of.
    pub(super) fn assumed_of(&self, mut id: Id) -> Vec<&String> {
        let mut all = Vec::new();
        for _ in 0..DEEP {
            id = self.graph.defined(id);
            let Some(node) = self.graph.get(id) else { break };
            all.extend(self.assumed.get(&id).into_iter().flatten());
            match node.tag {
                Tag::Typedef | Tag::Const | Tag::Volatile | Tag::Restrict | Tag::Atomic | Tag::Array => id = node.ty,
                _ => break,
            }
        }
        all
    }

    /// Why a typedef may be of another type under `LP64`: an integer of the width of a pointer that was chosen for it.
    pub(super) fn chosen(&self, id: Id, node: &Node, files: Files) -> Option<String> {
        let of = self.graph.get(self.graph.bare(id))?;
        if of.tag != Tag::Base || of.size != 4 || base::is_long(of.name) || base::is_float(of.encoding) {
            return None;
        }
        let name = String::from_utf8_lossy(node.name);
        let path = if node.line > 0 { files(node.unit, node.file) } else { None };
        if path.as_deref().is_some_and(known::of_the_system) {
            return None;
        }
        match path.and_then(|p| self.sources.get(&p)) {
            Some(reach) => judge::typedef(&reach, &name, node.line),
            None => judge::named_after_the_target(&name)
                .then(|| format!("`{name}` has 4 bytes on both, though its name tells of the target")),
        }
    }

    /// What a parse of the source for both targets says of a typedef, where for i386 it says what the debug information does.
    pub(super) fn told(&self, id: Id, node: &Node, files: Files) -> Option<Shape> {
        let bytes = self.graph.get(self.graph.bare(id))?.size;
        let path = files(node.unit, node.file)?;
        self.sources.typedef(&String::from_utf8_lossy(node.name), &path, node.line, bytes)
    }

    /// Whether a parse of the source for both targets has the record as the debug information has it and as it is predicted:
    /// nothing that `#if` chooses, no length and no packing is in doubt then.
    pub(super) fn confirmed(
        &self,
        shapes: &mut Shapes,
        (id, node): (Id, &Node),
        (items, new): (&[Item], &Placed),
        files: Files,
    ) -> bool {
        let graph = self.graph;
        let parsed = || {
            let path = files(node.unit, node.file).filter(|_| node.line > 0)?;
            self.sources.record(&graph.name(id), &path, node.line)
        };
        let Some(parsed) = parsed() else { return false };
        let mut old = Vec::with_capacity(items.len());
        for (_, m) in graph.members(id) {
            let was = shapes.of(m.ty);
            old.push((shape::offset(m, was, shapes.machine.little), shape::item(m, was).size));
        }
        let places: Vec<(u64, u64)> = new.offsets.iter().zip(items).map(|(at, item)| (*at, item.size)).collect();
        let same = |outline: &Outline, size: u64, places: &[(u64, u64)]| {
            let mut all = outline.members.iter().zip(graph.members(id)).zip(places);
            outline.size == size
                && [graph.members(id).count(), places.len()] == [outline.members.len(); 2]
                && all.all(|((said, (_, m)), place)| said.0.as_bytes() == m.name && (said.1, said.2) == *place)
        };
        same(&parsed.old, node.size, &old) && parsed.new.align == new.align && same(&parsed.new, new.size, &places)
    }

    /// Arrays whose length may be worked out from sizes, and members that may be chosen by the target.
    pub(super) fn lengths(&self, shapes: &mut Shapes, id: Id, node: &Node, new: u64, files: Files) -> Vec<String> {
        let graph = self.graph;
        let mut out = Vec::new();
        let (mut first, mut last) = (node.line, node.line);
        let path = if node.line > 0 { files(node.unit, node.file) } else { None };
        if path.as_deref().is_some_and(known::of_the_system) {
            return out;
        }
        let reach = path.and_then(|p| self.sources.get(&p));
        let mut asked = reach.is_some();
        for (at, m) in graph.members(id) {
            (first, last) = (first.min(m.line), last.max(m.line));
            if graph.get(graph.bare(m.ty)).is_none_or(|n| n.tag != Tag::Array) || m.file != node.file {
                continue;
            }
            let Some(reach) = &reach else { continue };
            let name = String::from_utf8_lossy(m.name);
            match judge::length(reach, &name, m.line) {
                Length::OfSizes(_) if self.sized.contains_key(&at) => {}
                Length::OfSizes(word) => {
                    out.push(format!("the length of `{name}` is worked out from sizes, by `{word}`"));
                }
                Length::Fixed => {}
                Length::Unseen => asked = false,
            }
        }
        if let Some(reach) = reach.filter(|_| first > 0) {
            out.extend(judge::members(&reach, first, last));
        }
        if let Some(name) = self.filler(shapes, id, node.size, new).filter(|_| !asked) {
            out.push(format!("`{name}` fills the record up: its length may be worked out from sizes"));
        }
        out
    }

    /// Bytes of an array that is a member and whose length follows from sizes, where the source beside it tells that of i386 as
    /// it is.
    pub(super) fn counted(
        &mut self,
        shapes: &mut Shapes,
        record: &Node,
        m: &Node,
        shape: Shape,
        files: Files,
        depth: usize,
    ) -> Option<u64> {
        let graph = self.graph;
        let array = graph.bare(m.ty);
        let plain = graph.get(array).is_some_and(|n| n.tag == Tag::Array && !n.vector);
        if !plain || m.file != record.file || m.line == 0 {
            return None;
        }
        let path = files(record.unit, record.file).filter(|p| !known::of_the_system(p))?;
        let reach = self.sources.get(&path)?;
        let name = String::from_utf8_lossy(m.name);
        let Length::OfSizes(_) = judge::length(&reach, &name, m.line) else { return None };
        let count = graph.elements(array).filter(|n| *n > 0)?;
        let mut size_of = |name: &str| self.size_of(shapes, name, files, depth);
        let (old, new) = sizes::length(&reach, &name, m.line, &mut size_of)?;
        (old == count && new > 0).then(|| (shape.size? / count).checked_mul(new)).flatten()
    }

    /// Sizes of a type by its name in the source, where all of that name agree and nothing was assumed.
    fn size_of(&mut self, shapes: &mut Shapes, name: &str, files: Files, depth: usize) -> Option<(u64, u64)> {
        let graph = self.graph;
        let (tags, tail): (&[Tag], &str) = match name.split_once(' ') {
            Some(("struct", tail)) => (&[Tag::Struct], tail),
            Some(("union", tail)) => (&[Tag::Union], tail),
            _ => (&[Tag::Typedef, Tag::Base], name),
        };
        let of_name =
            |(n, id): (&Node, Id)| (tags.contains(&n.tag) && !n.declared && n.name == tail.as_bytes()).then_some(id);
        let all: Vec<Id> = graph.nodes.iter().zip(0..).filter_map(of_name).collect();
        let mut found = None;
        for id in all {
            let new = match self.of(shapes, id, files, depth + 1) {
                Expected::Is(shape) | Expected::Table(shape) => shape.size?,
                Expected::Not(_) => return None,
            };
            let both = (shapes.of(id).size?, new);
            if !self.assumed_of(id).is_empty() || found.is_some_and(|f| f != both) {
                return None;
            }
            found = Some(both);
        }
        found
    }

    /// The array that makes a record as large as a block of memory, and larger than one under `LP64`.
    fn filler(&self, shapes: &mut Shapes, id: Id, old: u64, new: u64) -> Option<String> {
        let block = old.checked_next_power_of_two().filter(|block| *block >= 64 && block - old <= 16)?;
        if new <= block {
            return None;
        }
        let mut large = |(_, m): &(Id, &Node)| shapes.of(m.ty).size.is_some_and(|size| size >= old / 2);
        let (_, member) = self.graph.members(id).find(&mut large)?;
        let ty = self.graph.bare(member.ty);
        let array = |id: Id| self.graph.get(self.graph.bare(id)).is_some_and(|n| n.tag == Tag::Array);
        let mut within = || self.graph.members(ty).any(|m| array(m.1.ty) && large(&m));
        (array(ty) || within()).then(|| String::from_utf8_lossy(member.name).into_owned())
    }
}
