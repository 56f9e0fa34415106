//! The one door to iced-x86: instructions that mean something else in a 64-bit program, or nothing.
//!
//! Machine code is decoded from the start of each section with code on, as the processor would: a search for bytes would
//! find them in the middle of other instructions.

use iced_x86::{Code, Decoder, DecoderOptions, Instruction as Decoded, Mnemonic, OpKind};

use super::bytes::Result;
use super::elf::{self, Image};
use super::object::Section;
use super::symbols::Function;

/// An instruction that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instruction {
    /// The function it is in; empty where there are no symbols.
    pub function: String,
    /// Where it is: address in a linked file, offset into its section in others.
    pub address: u64,
    /// Its name, such as `pusha`.
    pub name: String,
    /// Whether it is `int $0x80`, which calls the kernel as a 32-bit program does.
    pub interrupt: bool,
}

/// As many bytes around what does not decode are not trusted: it is data among code.
const DOUBT: u64 = 256;

/// So many are kept of one object: who has more has them all over.
const MOST: usize = 10_000;

pub(super) fn read(image: &Image, sections: &[Section], functions: &[Function]) -> Result<Vec<Instruction>> {
    let bits = match image.header.e_machine {
        elf::EM_386 => 32,
        elf::EM_X86_64 => 64,
        _ => return Ok(Vec::new()),
    };
    let linked = image.header.e_type != elf::ET_REL;
    let place = |section: usize, address: u64| (if linked { 0 } else { section }, address);
    let mut functions: Vec<&Function> = functions.iter().collect();
    functions.sort_by_key(|f| place(f.section, f.address));
    let (mut out, mut room) = (Vec::new(), image.bytes.len());
    for (index, s) in sections.iter().enumerate() {
        if s.kind != elf::SHT_PROGBITS || !s.access.execute || s.name.starts_with(".plt") {
            continue;
        }
        let Some(rest) = room.checked_sub(s.size) else { break };
        room = rest;
        let bytes = image.bytes.read(&format!("the section `{}`", s.name), s.offset, s.size);
        let bytes = bytes.map_err(|e| format!("damaged ELF file: {e}"))?;
        let base = if linked { s.address } else { 0 };
        let from = out.len();
        decode(&bytes, bits, base, &mut out);
        for found in &mut out[from..] {
            let here = place(index, found.address);
            let after = functions.partition_point(|f| place(f.section, f.address) <= here);
            let before = after
                .checked_sub(1)
                .and_then(|i| functions.get(i))
                .filter(|f| place(f.section, 0) == (here.0, 0) && found.address - f.address < f.size);
            found.function = before.map_or_else(String::new, |f| f.name.clone());
        }
        if out.len() >= MOST {
            break;
        }
    }
    Ok(out)
}

fn decode(bytes: &[u8], bits: u32, base: u64, out: &mut Vec<Instruction>) {
    // In 64-bit code only the one instruction is looked for, and most code has it nowhere, not even by chance.
    if bits == 64 && memchr::memmem::find(bytes, b"\xcd\x80").is_none() {
        return;
    }
    let mut decoder = Decoder::with_ip(bits, bytes, base, DecoderOptions::NONE);
    let mut instruction = Decoded::default();
    // No doubt at the start.
    let mut doubt = None::<u64>;
    let from = out.len();
    while decoder.can_decode() && out.len() < MOST {
        decoder.decode_out(&mut instruction);
        let at = instruction.ip();
        // `ud0` and `ud1` are defined to be undefined; no compiler writes them.
        if instruction.is_invalid() || matches!(instruction.mnemonic(), Mnemonic::Ud0 | Mnemonic::Ud1) {
            doubt = Some(at);
            while out.len() > from && out.last().is_some_and(|last| at.wrapping_sub(last.address) < DOUBT) {
                out.pop();
            }
            continue;
        }
        let interrupt = instruction.code() == Code::Int_imm8 && instruction.immediate8() == 0x80;
        let only_32 = bits == 32 && only_in_32_bits(&instruction);
        if (interrupt || only_32) && doubt.is_none_or(|d| at.wrapping_sub(d) >= DOUBT) {
            let name = match instruction.mnemonic() {
                _ if interrupt => "int $0x80".into(),
                // as the assembler of the system has them
                Mnemonic::Pushad => "pusha".into(),
                Mnemonic::Popad => "popa".into(),
                other => format!("{other:?}").to_lowercase(),
            };
            out.push(Instruction { function: String::new(), address: at, name, interrupt });
        }
    }
}

/// Whether the 64-bit mode has no such instruction: Intel's manual, volume 2, "Invalid" in the column "64-Bit Mode".
fn only_in_32_bits(i: &Decoded) -> bool {
    match i.mnemonic() {
        Mnemonic::Pusha
        | Mnemonic::Pushad
        | Mnemonic::Popa
        | Mnemonic::Popad
        | Mnemonic::Aaa
        | Mnemonic::Aas
        | Mnemonic::Aad
        | Mnemonic::Aam
        | Mnemonic::Daa
        | Mnemonic::Das
        | Mnemonic::Into
        | Mnemonic::Bound
        | Mnemonic::Lds
        | Mnemonic::Les
        | Mnemonic::Arpl
        | Mnemonic::Salc => true,
        Mnemonic::Push | Mnemonic::Pop => {
            use iced_x86::Register::{CS, DS, ES, SS};
            i.op0_kind() == OpKind::Register && [CS, DS, ES, SS].contains(&i.op0_register())
        }
        Mnemonic::Call | Mnemonic::Jmp => matches!(i.op0_kind(), OpKind::FarBranch16 | OpKind::FarBranch32),
        _ => false,
    }
}

/// The instructions of a kind, once a function: where it is in words, the first one, and how many there are.
pub(super) fn by_function(
    all: &[Instruction],
    of_kind: impl Fn(&Instruction) -> bool,
) -> Vec<(String, &Instruction, usize)> {
    let mut out: Vec<(String, &Instruction, usize)> = Vec::new();
    for i in all.iter().filter(|i| of_kind(i)) {
        let place = if i.function.is_empty() { "code without a name".into() } else { i.function.clone() };
        match out.iter_mut().find(|(p, ..)| *p == place) {
            Some((.., count)) => *count += 1,
            None => out.push((place, i, 1)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bits: u32, bytes: &[u8]) -> Vec<String> {
        let mut out = Vec::new();
        decode(bytes, bits, 0, &mut out);
        out.into_iter().map(|i| i.name).collect()
    }

    #[test]
    fn bytes_in_the_middle_of_an_instruction_are_none() {
        // int $0x80; mov $0x80cd, %eax; pusha
        let code = [0xcd, 0x80, 0xb8, 0xcd, 0x80, 0, 0, 0x60];
        assert_eq!(found(32, &code), ["int $0x80", "pusha"]);
        assert_eq!(found(64, &code[..7]), ["int $0x80"]);
        assert_eq!(found(64, &code[2..7]), [] as [&str; 0]);
    }

    #[test]
    fn what_stands_beside_data_is_not_told() {
        let mut code = vec![0xcd, 0x80, 0x0f, 0xff, 0xff];
        code.extend([0x90; 300]);
        code.extend([0xcd, 0x80]);
        assert_eq!(found(32, &code).len(), 1);
    }
}
