//! Where fonts lie on this machine: the one place that looks for them.

use std::path::{Path, PathBuf};

use bytes::Bytes;

/// Why fonts could not be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "font `{file}`: {what}\nhint: correct `issues.font`, or remove it to use the fonts of the system"
)]
pub struct FontError {
    /// Which file.
    pub file: String,
    /// What the system says.
    pub what: String,
}

/// Folders in which fontconfig looks, those of the system first.
const SYSTEM: [&str; 2] = ["/usr/local/share/fonts", "/usr/share/fonts"];
/// The same below a home folder.
const OWN: [&str; 2] = [".local/share/fonts", ".fonts"];
/// Folders are not followed deeper than this, links included.
const DEPTH: usize = 8;
/// A larger file is no font (bytes).
const MOST_BYTES: u64 = 128 << 20;
/// So many files are read; the one for Chinese is among the first of them.
const MOST_FILES: usize = 6;

/// Marks in the names of fonts for Chinese, the preferred ones first. Bold ones are for titles.
const CHINESE: [&str; 16] = [
    "notosanscjksc-bold",
    "notosanscjk-bold",
    "notosanssc-bold",
    "sourcehansanssc-bold",
    "sourcehansanscn-bold",
    "notosanscjk",
    "notosanssc",
    "sourcehansans",
    "wqy-zenhei",
    "wqy-microhei",
    "notoserifcjk",
    "notoserifsc",
    "sourcehanserif",
    "droidsansfallback",
    "uming",
    "ukai",
];

/// The font files of this machine, those for Chinese first, each once; `home` is where the daemon's
/// user has his own.
pub fn font_files(home: Option<&Path>) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = OWN.iter().flat_map(|own| Some(home?.join(own))).collect();
    folders.extend(SYSTEM.map(PathBuf::from));
    let mut files = Vec::new();
    for folder in folders {
        gather(&folder, DEPTH, &mut files);
    }
    files.sort_by_cached_key(|file| (rank(file), file.clone()));
    files.dedup();
    files
}

/// The fonts for covers: the operator's own where he names one, then those of the machine.
///
/// # Errors
/// Where the operator's own cannot be read; others are passed over.
pub fn fonts(own: Option<&Path>, home: Option<&Path>) -> Result<Vec<Bytes>, FontError> {
    let mut read = Vec::new();
    if let Some(own) = own {
        let wrong = |what: String| FontError { file: own.display().to_string(), what };
        let bytes = std::fs::read(own).map_err(|error| wrong(error.to_string()))?;
        read.push(bytes.into());
    }
    let others = font_files(home).into_iter().filter(|file| own != Some(file.as_path()));
    let is_small = |file: &PathBuf| file.metadata().is_ok_and(|file| file.len() <= MOST_BYTES);
    let others = others.filter(is_small).filter_map(|file| std::fs::read(file).ok());
    read.extend(others.take(MOST_FILES).map(Bytes::from));
    Ok(read)
}

/// The place of a font in the order of preference.
fn rank(file: &Path) -> usize {
    let name = file.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase());
    let name = name.unwrap_or_default();
    let chinese = CHINESE.iter().position(|mark| name.starts_with(mark));
    // Of the others those without slant and weight help out with what Chinese fonts lack.
    let plain = ["dejavusans.", "notosans-regular.", "liberationsans-regular.", "symbola"];
    chinese.unwrap_or_else(|| {
        let helps = plain.iter().position(|mark| name.starts_with(mark));
        CHINESE.len() + helps.unwrap_or(plain.len())
    })
}

fn gather(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            if depth > 1 {
                gather(&path, depth - 1, files);
            }
        } else if path.extension().is_some_and(|ending| {
            ["ttf", "ttc", "otf", "otc"].iter().any(|known| ending.eq_ignore_ascii_case(known))
        }) {
            files.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fonts_for_chinese_come_first_and_an_own_one_before_them() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".local/share/fonts/inner");
        let put = |name: &str| {
            std::fs::create_dir_all(&folder).unwrap();
            let file = folder.join(name);
            std::fs::File::create(&file).unwrap();
            file
        };
        put("readme.txt");
        let rare = put("Rare.TTF");
        let microhei = put("wqy-microhei.ttc");
        let noto = put("NotoSansCJK-Bold.ttc");
        let files = font_files(Some(home.path()));
        let at = |file: &PathBuf| files.iter().position(|found| found == file).unwrap();
        assert!(at(&noto) < at(&microhei) && at(&microhei) < at(&rare));
        assert!(files.iter().all(|file| file.extension().is_some_and(|end| end != "txt")));
        let error = fonts(Some(Path::new("/no/such.ttf")), None).unwrap_err().to_string();
        assert!(error.contains("/no/such.ttf") && error.contains("issues.font"), "{error}");
        assert!(fonts(Some(&rare), Some(home.path())).unwrap().len() >= 3);
    }
}
