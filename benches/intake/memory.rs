//! The memory of a process, as Linux counts it.

use anyhow::Context;

/// Memory in MiB.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Memory {
    /// Resident now.
    pub(crate) resident_mib: u64,
    /// The most that was ever resident.
    pub(crate) peak_mib: u64,
}

/// The memory of `process`, if one is given.
pub(crate) fn of(process: Option<u32>) -> anyhow::Result<Option<Memory>> {
    let Some(process) = process else {
        return Ok(None);
    };
    let path = format!("/proc/{process}/status");
    let status = std::fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let line = |name: &str| -> anyhow::Result<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.split_whitespace().next());
        let kib: u64 = kib.with_context(|| format!("{name} in {path}"))?.parse()?;
        Ok(kib.div_ceil(1024))
    };
    Ok(Some(Memory {
        resident_mib: line("VmRSS:")?,
        peak_mib: line("VmHWM:")?,
    }))
}
