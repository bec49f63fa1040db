//! "Did you mean": the known word that somebody probably had in mind.

/// How long a word has to be for what begins with it to be near.
const LEAST: usize = 3;

/// The candidate nearest to `word`, if it is near: at most a third of its letters differ, or one begins with the other.
pub fn nearest<'n>(word: &str, candidates: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let begins = |candidate: &str| word.len() >= LEAST && (candidate.starts_with(word) || word.starts_with(candidate));
    let scored = candidates.map(|candidate| (distance(word, candidate), candidate));
    let (score, best) = scored.min_by_key(|(score, candidate)| (!begins(candidate), *score))?;
    (begins(best) || score * 3 <= word.chars().count().max(3)).then_some(best)
}

/// Letters to insert, remove or change to get from one word to the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let next = (diagonal + usize::from(x != *y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_near() {
        assert_eq!(nearest("rediss", ["api", "redis"].into_iter()), Some("redis"));
        assert_eq!(nearest("que", ["cache", "queue"].into_iter()), Some("queue"));
        assert_eq!(nearest("queue", ["api", "redis"].into_iter()), None);
    }
}
