//! What the data folder takes up, by what it is for.

macro_rules! usage_kinds {
    ($($variant:ident $code:literal $doc:literal,)*) => {
        /// What room is used for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum UsageKind { $(#[doc = $doc] $variant,)* }

        impl UsageKind {
            /// All of them, in the order in which they are told.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The kind as metrics and JSON have it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

usage_kinds! {
    Items "items" "Items with their texts.",
    Revisions "revisions" "Texts of earlier revisions.",
    Pages "pages" "Article and list pages as they were fetched.",
    Pictures "pictures" "Pictures and attachments that are held.",
    Issues "issues" "Issues of digests: their pictures, manuscripts and bundles.",
    Documents "documents" "What is published and can be made again.",
    Index "index" "The rest of the database: its indexes, the search, the ledger.",
    Free "free" "Room within the database that is used again.",
    Other "other" "Files in the data folder that are none of these.",
}

/// One kind of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsagePart {
    /// What for.
    pub kind: UsageKind,
    /// How many there are, where they can be counted.
    pub count: Option<u64>,
    /// What they take up.
    pub bytes: u64,
}

/// What the data folder takes up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// By what it is for.
    pub parts: Vec<UsagePart>,
    /// What it may take up; `None` sets no limit.
    pub budget: Option<u64>,
    /// What its file system has left.
    pub disk_free: u64,
}

impl Usage {
    /// All of it, in bytes.
    pub fn total(&self) -> u64 {
        self.parts.iter().map(|part| part.bytes).sum()
    }

    /// All but what the database uses again: what counts against the budget.
    pub fn live(&self) -> u64 {
        self.parts.iter().filter(|part| part.kind != UsageKind::Free).map(|part| part.bytes).sum()
    }

    /// The bytes of one kind.
    pub fn of(&self, kind: UsageKind) -> u64 {
        self.parts.iter().filter(|part| part.kind == kind).map(|part| part.bytes).sum()
    }
}
