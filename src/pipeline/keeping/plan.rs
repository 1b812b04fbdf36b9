//! How much of what may go is to go. Pure: the clock and the sizes are arguments.

use chrono::{DateTime, Utc};

/// Something that may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// By which its age counts.
    pub(super) at: DateTime<Utc>,
    pub(super) bytes: u64,
}

/// One kind of what may go, the oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Stock {
    pub(super) pieces: Vec<Piece>,
    /// What is older goes in any case.
    pub(super) before: Option<DateTime<Utc>>,
}

/// How much of a stock goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Take {
    /// So many, the oldest first.
    pub count: usize,
    /// What they take up.
    pub bytes: u64,
}

/// How much goes of each of `stocks`: first what is too old in any of them; then, until `excess` bytes
/// are free, the oldest of the first stock, of the second, and so on, but nothing from `youngest` on.
/// Gives what is in excess after that, too.
pub(super) fn plan<const N: usize>(
    stocks: &[Stock; N],
    youngest: DateTime<Utc>,
    excess: u64,
) -> ([Take; N], u64) {
    let mut takes = [Take::default(); N];
    for (take, stock) in takes.iter_mut().zip(stocks) {
        let is_old = |piece: &&Piece| stock.before.is_some_and(|before| piece.at < before);
        for piece in stock.pieces.iter().take_while(is_old) {
            take.add(piece);
        }
    }
    let mut left = takes.iter().fold(excess, |left, take| left.saturating_sub(take.bytes));
    for (take, stock) in takes.iter_mut().zip(stocks) {
        for piece in stock.pieces.iter().skip(take.count).take_while(|piece| piece.at < youngest) {
            if left == 0 {
                break;
            }
            take.add(piece);
            left = left.saturating_sub(piece.bytes);
        }
    }
    (takes, left)
}

impl Take {
    fn add(&mut self, piece: &Piece) {
        self.count += 1;
        self.bytes += piece.bytes;
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn day(n: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(n)
    }

    /// Pieces of 10 bytes, of these days.
    fn stock(days: &[i64], before: Option<i64>) -> Stock {
        let pieces = days.iter().map(|n| Piece { at: day(*n), bytes: 10 }).collect();
        Stock { pieces, before: before.map(day) }
    }

    fn counts(stocks: [Stock; 2], youngest: i64, excess: u64) -> ([usize; 2], u64) {
        let (takes, left) = plan(&stocks, day(youngest), excess);
        for take in takes {
            assert_eq!(take.bytes, take.count as u64 * 10);
        }
        (takes.map(|take| take.count), left)
    }

    #[test]
    fn age_takes_what_is_too_old_and_nothing_else() {
        let stocks = || [stock(&[1, 2, 3, 90], Some(3)), stock(&[1, 2, 50], Some(50))];
        assert_eq!(counts(stocks(), 80, 0), ([2, 2], 0));
        assert_eq!(counts([stock(&[1], None), stock(&[], Some(9))], 80, 0), ([0, 0], 0));
        // To the day: what is as old as the limit stays.
        assert_eq!(counts([stock(&[3], Some(3)), stock(&[], None)], 80, 0), ([0, 0], 0));
    }

    #[test]
    fn a_budget_takes_the_oldest_of_the_first_stock_first() {
        let stocks = || [stock(&[1, 2, 3], None), stock(&[1, 2, 3], None)];
        assert_eq!(counts(stocks(), 80, 1), ([1, 0], 0));
        assert_eq!(counts(stocks(), 80, 20), ([2, 0], 0));
        assert_eq!(counts(stocks(), 80, 31), ([3, 1], 0));
        assert_eq!(counts(stocks(), 80, 75), ([3, 3], 15));
        // What age takes from the second counts before anything young goes from the first.
        let stocks = [stock(&[1, 2, 3], None), stock(&[1, 2, 3], Some(3))];
        assert_eq!(counts(stocks, 80, 20), ([0, 2], 0));
    }

    #[test]
    fn what_is_young_stays_whatever_the_budget_is() {
        let stocks = [stock(&[1, 79, 80, 81], None), stock(&[80], None)];
        assert_eq!(counts(stocks, 80, 1_000), ([2, 0], 980));
    }
}
