//! The pairs of CPU and memory that Fargate has.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html>

/// CPU units, then the MiB that go with them: fewest, most, step.
const PAIRS: [(u32, u32, u32, u32); 6] = [
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16384, 1024),
    (4096, 8192, 30720, 1024),
    (8192, 16384, 61440, 4096),
    (16384, 32768, 122_880, 8192),
];

/// Whether Fargate has tasks of these CPU units and MiB.
///
/// # Errors
/// In words, with what it has instead.
pub fn fits(cpu: u32, memory: u32) -> Result<(), String> {
    if cpu == 256 {
        return match memory {
            512 | 1024 | 2048 => Ok(()),
            _ => Err("with 256 CPU units Fargate has 512, 1024 or 2048 MiB".to_owned()),
        };
    }
    let Some((_, least, most, step)) = PAIRS.iter().find(|p| p.0 == cpu) else {
        return Err(format!(
            "Fargate has no tasks of {cpu} CPU units: expected 256, 512, 1024, 2048, 4096, 8192 or 16384"
        ));
    };
    if (*least..=*most).contains(&memory) && memory.is_multiple_of(*step) {
        Ok(())
    } else {
        Err(format!("with {cpu} CPU units Fargate has {least} to {most} MiB in steps of {step}"))
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn pairs_of_the_table() {
        for (cpu, memory) in
            [(256, 512), (256, 2048), (512, 4096), (1024, 3072), (4096, 30720), (8192, 20480), (16384, 122_880)]
        {
            assert_eq!(fits(cpu, memory), Ok(()), "{cpu} {memory}");
        }
        for (cpu, memory) in [(256, 4096), (256, 768), (512, 512), (1024, 9216), (8192, 17408), (300, 512), (0, 0)] {
            assert!(fits(cpu, memory).is_err(), "{cpu} {memory}");
        }
    }
}
