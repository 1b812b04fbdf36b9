//! Why a backup was not made, or not read.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::Both;

/// A fault of a backup; nothing was put into its place.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no such file.
    #[error("there is no backup `{0}`")]
    Absent(PathBuf),
    /// The file is something else.
    #[error("`{0}` is no backup made by lianbo")]
    NotOne(PathBuf),
    /// The file ends before the backup does.
    #[error("the backup ends before its end: {0}")]
    Truncated(String),
    /// What is there is not what was written.
    #[error("the backup is damaged: {0}")]
    Damaged(String),
    /// A member that no backup has.
    #[error("the backup has a member that must not be there: {0}")]
    Unsafe(String),
    /// The archive was made by a later program.
    #[error(
        "the backup was made by lianbo {version} in layout {found}, this program knows {known}"
    )]
    NewerLayout {
        /// Its program's version.
        version: String,
        /// Its layout.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// There is too little room for what it holds.
    #[error("`{path}` needs {wanted_bytes} bytes more, {free_bytes} are free in `{folder}`")]
    NoRoom {
        /// The member that was next.
        path: String,
        /// Its size.
        wanted_bytes: u64,
        /// What the file system has.
        free_bytes: u64,
        /// Where it was to be put.
        folder: PathBuf,
    },
    /// Another process makes or reads a backup at the same place.
    #[error("another backup or restore works in `{0}`")]
    Busy(PathBuf),
    /// A file or folder that cannot be read or written.
    #[error("`{path}`: {error}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl BackupError {
    /// What the system says of a file.
    pub(super) fn file(path: &Path, error: io::Error) -> Self {
        Self::File { path: path.to_owned(), error }
    }

    /// What reading the archive ended with.
    pub(super) fn read(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated(error.to_string()),
            _ => Self::Damaged(error.to_string()),
        }
    }

    /// What happened and what to do, for people.
    pub fn told(&self) -> Both {
        let shown = |path: &Path| path.display().to_string();
        match self {
            Self::Absent(path) => Both::new(
                format!("没有备份文件“{}”\n建议：核对路径，以及所在的磁盘是否已挂载", shown(path)),
                format!(
                    "there is no backup `{}`\nhint: check the path, and that its disk is mounted",
                    shown(path)
                ),
            ),
            Self::NotOne(path) => Both::new(
                format!("{} 不是 lianbo 的备份文件", shown(path)),
                format!("`{}` is no backup made by lianbo", shown(path)),
            ),
            Self::Truncated(what) => Both::new(
                format!("备份文件不完整（{what}）：请重新复制该文件，或改用另一份备份"),
                format!(
                    "the backup is cut short ({what}): copy the file again, or take another backup"
                ),
            ),
            Self::Damaged(what) => Both::new(
                format!("备份文件已损坏（{what}）：请重新复制该文件，或改用另一份备份"),
                format!(
                    "the backup is damaged ({what}): copy the file again, or take another backup"
                ),
            ),
            Self::Unsafe(what) => Both::new(
                format!("备份文件中有不应有的内容（{what}）：它不是 lianbo 写出的原样，不予恢复"),
                format!("the backup has what no backup has ({what}): lianbo did not write it so"),
            ),
            Self::NewerLayout { version, found, known } => Both::new(
                format!(
                    "备份由更新的 lianbo {version} 写出（格式 {found}，本程序只识 {known}）：请先升级"
                ),
                format!(
                    "the backup was made by the newer lianbo {version} (layout {found}, known {known}): upgrade first"
                ),
            ),
            Self::NoRoom { path, wanted_bytes, free_bytes, folder } => Both::new(
                format!(
                    "{} 空间不足：{path} 需要 {wanted_bytes} 字节，剩余 {free_bytes} 字节",
                    shown(folder)
                ),
                format!(
                    "too little room in `{}`: {path} needs {wanted_bytes} bytes, {free_bytes} are free",
                    shown(folder)
                ),
            ),
            Self::Busy(path) => Both::new(
                format!("另一个备份或恢复正在 {} 进行", shown(path)),
                format!("another backup or restore works in `{}`", shown(path)),
            ),
            Self::File { path, error } => {
                let line = format!("{}: {error}", shown(path));
                Both::new(line.clone(), line)
            }
        }
    }
}
