//! Which sequence ("slot") takes which prompt, and where its evaluated prefix comes from. Pure.

/// What a slot holds: tokens whose state is in the cache.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Slot {
    /// The tokens, from position 0.
    pub(super) tokens: Vec<i32>,
    /// When it was used last; 0 means never.
    pub(super) used: u64,
}

/// Where a prompt's prefix comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PrefixSource {
    /// The slot's own content, up to this many tokens.
    Keep(usize),
    /// Another slot's content: that slot, and how many tokens.
    Copy(usize, usize),
    /// Another prompt of the same call, once it is evaluated that far: that prompt, and how many tokens.
    Wait(usize, usize),
}

/// A prompt's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SlotAssignment {
    pub(super) slot: usize,
    pub(super) source: PrefixSource,
}

impl SlotAssignment {
    /// Returns the place where the slots that it was found among begin at `base`.
    pub(super) fn shifted(self, base: usize) -> Self {
        let source = match self.source {
            PrefixSource::Copy(slot, length) => PrefixSource::Copy(slot + base, length),
            source @ (PrefixSource::Keep(_) | PrefixSource::Wait(..)) => source,
        };
        Self { slot: self.slot + base, source }
    }
}

/// Returns how many tokens `a` and `b` have in common at the start.
pub(super) fn common(a: &[i32], b: &[i32]) -> usize {
    a.iter().zip(b).take_while(|(x, y)| x == y).count()
}

/// What a slot would lose beyond this is worth a copy to another slot.
const SMALL_LOSS: usize = 64;

/// A prompt to be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PromptToPlace<'a> {
    pub(super) tokens: &'a [i32],
    /// No more of them may come from elsewhere: what follows must be evaluated for its logits. Two
    /// prompts that are equal in both share even those.
    pub(super) most: usize,
}

impl PromptToPlace<'_> {
    fn reusable(&self, other: &[i32]) -> usize {
        common(self.tokens, other).min(self.most)
    }
}

/// Places `prompts` in `slots`. There must be no more prompts than slots.
pub(super) fn place(slots: &[Slot], prompts: &[PromptToPlace]) -> Vec<SlotAssignment> {
    let best: Vec<(usize, usize)> = prompts
        .iter()
        .map(|prompt| {
            let lengths = slots.iter().enumerate().map(|(slot, s)| (prompt.reusable(&s.tokens), slot));
            lengths.fold((0, 0), |best, next| if next.0 > best.0 { next } else { best })
        })
        .collect();
    let mut order: Vec<usize> = (0..prompts.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(best[*i].0));
    let mut places: Vec<Option<SlotAssignment>> = vec![None; prompts.len()];
    let mut taken = vec![false; slots.len()];
    let mut placed: Vec<usize> = Vec::new();
    let mut late = Vec::new();
    for i in order {
        let (length, donor) = best[i];
        let shared = placed
            .iter()
            .map(|j| {
                let twins = prompts[*j] == prompts[i];
                let length =
                    if twins { prompts[i].tokens.len() } else { prompts[i].reusable(prompts[*j].tokens) };
                (length, *j)
            })
            .fold((0, 0), |best, next| if next.0 > best.0 { next } else { best });
        placed.push(i);
        if shared.0 > length {
            late.push((i, PrefixSource::Wait(shared.1, shared.0)));
            continue;
        }
        let loss = slots[donor].tokens.len() - length;
        if length > 0 && !taken[donor] && loss <= SMALL_LOSS.max(length) {
            taken[donor] = true;
            places[i] = Some(SlotAssignment { slot: donor, source: PrefixSource::Keep(length) });
        } else {
            late.push((i, PrefixSource::Copy(donor, length)));
        }
    }
    for (i, source) in late {
        let slot = oldest(slots, &taken, source);
        taken[slot] = true;
        let source = match source {
            PrefixSource::Copy(donor, length) if donor == slot || length == 0 => PrefixSource::Keep(length),
            PrefixSource::Copy(..) | PrefixSource::Keep(_) | PrefixSource::Wait(..) => source,
        };
        places[i] = Some(SlotAssignment { slot, source });
    }
    places.into_iter().flatten().collect()
}

/// Returns the least recently used free slot, the donor itself only if no other is free.
fn oldest(slots: &[Slot], taken: &[bool], source: PrefixSource) -> usize {
    let donor = match source {
        PrefixSource::Copy(donor, length) if length > 0 => Some(donor),
        PrefixSource::Copy(..) | PrefixSource::Keep(_) | PrefixSource::Wait(..) => None,
    };
    (0..slots.len())
        .filter(|slot| !taken[*slot])
        .min_by_key(|slot| (Some(*slot) == donor, slots[*slot].used, *slot))
        .unwrap_or(0)
}

/// Returns the copies between slots in an order in which nothing is overwritten that a later copy needs.
/// Copies that cannot be ordered so (each needs what the other overwrites) are left out; their prompts
/// are evaluated from the start.
pub(super) fn copy_order(places: &[SlotAssignment]) -> Vec<(usize, usize, usize)> {
    let mut open: Vec<(usize, usize, usize)> = places
        .iter()
        .filter_map(|place| match place.source {
            PrefixSource::Copy(from, length) => Some((from, place.slot, length)),
            PrefixSource::Keep(_) | PrefixSource::Wait(..) => None,
        })
        .collect();
    let mut done = Vec::new();
    while let Some(next) =
        open.iter().position(|(_, to, _)| !open.iter().any(|(from, other, _)| from == to && other != to))
    {
        done.push(open.swap_remove(next));
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(contents: &[&[i32]]) -> Vec<Slot> {
        (1..)
            .zip(contents)
            .map(|(used, c)| Slot { tokens: c.to_vec(), used: if c.is_empty() { 0 } else { used } })
            .collect()
    }

    fn place(slots: &[Slot], prompts: &[&[i32]], fresh: usize) -> Vec<SlotAssignment> {
        let wanted: Vec<PromptToPlace> =
            prompts.iter().map(|tokens| PromptToPlace { tokens, most: tokens.len() - fresh }).collect();
        super::place(slots, &wanted)
    }

    #[test]
    fn a_changed_tail_keeps_its_slot() {
        let held: Vec<i32> = (0..100).collect();
        let mut prompt = held.clone();
        prompt[90] = -1;
        let places = place(&slots(&[&[7, 8], &held, &[]]), &[&prompt], 2);
        assert_eq!(places, [SlotAssignment { slot: 1, source: PrefixSource::Keep(90) }]);
    }

    #[test]
    fn an_equal_prompt_still_evaluates_its_end() {
        let held: Vec<i32> = (0..50).collect();
        let places = place(&slots(&[&held]), &[&held], 2);
        assert_eq!(places, [SlotAssignment { slot: 0, source: PrefixSource::Keep(48) }]);
    }

    #[test]
    fn prompts_of_one_call_share() {
        let base: Vec<i32> = (0..40).collect();
        let other: Vec<i32> = (0..30).chain([99, 98, 97]).collect();
        let places = place(&slots(&[&[], &[], &[]]), &[&base, &base, &other], 2);
        assert_eq!(places[1].source, PrefixSource::Wait(0, 40));
        assert_eq!(places[2].source, PrefixSource::Wait(0, 30));
        let mut used: Vec<usize> = places.iter().map(|p| p.slot).collect();
        used.sort_unstable();
        assert_eq!(used, [0, 1, 2]);
    }

    #[test]
    fn a_short_common_start_does_not_cost_a_long_one() {
        let held: Vec<i32> = (0..1000).collect();
        let prompt: Vec<i32> = (0..100).chain(5000..5100).collect();
        let places = place(&slots(&[&held, &[]]), &[&prompt], 2);
        assert_eq!(places, [SlotAssignment { slot: 1, source: PrefixSource::Copy(0, 100) }]);
        assert_eq!(copy_order(&places), [(0, 1, 100)]);
    }

    #[test]
    fn copies_never_overwrite_what_is_still_needed() {
        let chain = [
            SlotAssignment { slot: 1, source: PrefixSource::Copy(0, 5) },
            SlotAssignment { slot: 2, source: PrefixSource::Copy(1, 5) },
            SlotAssignment { slot: 0, source: PrefixSource::Keep(5) },
        ];
        assert_eq!(copy_order(&chain), [(1, 2, 5), (0, 1, 5)]);
        let ring = [
            SlotAssignment { slot: 1, source: PrefixSource::Copy(0, 5) },
            SlotAssignment { slot: 0, source: PrefixSource::Copy(1, 5) },
        ];
        assert!(copy_order(&ring).is_empty());
    }
}
