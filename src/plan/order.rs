//! An order in which everything comes after what it uses.

/// Returns the places 0.. in an order in which each comes after those that it uses, by Kahn's algorithm (1962), which always takes
/// the first place that is ready: what is already in order stays as it is. `uses` lists for each place those that it uses; a place
/// beyond the list is never ready. `None` where they form a cycle.
///
/// ```
/// use planscope_plan::usable_order;
///
/// assert_eq!(usable_order(&[vec![2], vec![], vec![]]), Some(vec![1, 2, 0]));
/// assert_eq!(usable_order(&[vec![1], vec![0]]), None);
/// ```
pub fn usable_order(uses: &[Vec<usize>]) -> Option<Vec<usize>> {
    let mut placed = vec![false; uses.len()];
    let mut left: Vec<usize> = (0..uses.len()).collect();
    let mut order = Vec::with_capacity(uses.len());
    while !left.is_empty() {
        let is_placed = |used: &usize| placed.get(*used).copied().unwrap_or(false);
        let ready = left.iter().position(|at| uses[*at].iter().all(is_placed))?;
        let at = left.remove(ready);
        placed[at] = true;
        order.push(at);
    }
    Some(order)
}
