use super::*;

/// Draws a layout with boxes that hold their number.
fn drawn(layout: &GraphLayout, widths: &[usize], heavy: impl Fn(usize) -> bool) -> String {
    let mut rows = vec![vec![' '; layout.width]; layout.height];
    for (x, y, sign, _) in layout.strokes(heavy) {
        rows[y][x] = sign;
    }
    for (node, place) in layout.places.iter().enumerate() {
        let text = format!("{:^1$}", node, widths[node] - 2);
        for (at, c) in format!("[{text}]").chars().enumerate() {
            rows[place.y][place.x + at] = c;
        }
    }
    let lines: Vec<String> =
        rows.iter().map(|row| row.iter().collect::<String>().trim_end().to_owned()).collect();
    lines.join("\n")
}

const DIAMOND: [(usize, usize); 5] = [(0, 1), (0, 2), (1, 3), (2, 3), (0, 3)];

#[test]
fn layers_follow_the_longest_way_and_lines_join_what_belongs_together() {
    let widths = [5; 4];
    let layout = lay_out(&widths, 1, &DIAMOND, 80);
    assert_eq!(layout.places.iter().map(|place| place.layer).collect::<Vec<_>>(), [0, 1, 1, 2]);
    insta::assert_snapshot!(drawn(&layout, &widths, |edge| edge == 1 || edge == 3));
}

#[test]
fn nodes_without_edges_follow_in_rows() {
    let layout = lay_out(&[6; 5], 1, &[(3, 4)], 20);
    let place = |node: usize| (layout.places[node].x, layout.places[node].y, layout.places[node].layer);
    assert_eq!([place(3), place(4)], [(0, 0, 0), (0, 2, 1)]);
    assert_eq!([place(0), place(1), place(2)], [(0, 4, 2), (8, 4, 2), (0, 6, 3)]);
    assert_eq!((layout.width, layout.height), (14, 7));
    assert_eq!(lay_out(&[], 1, &[], 20), GraphLayout::default());
}

#[test]
fn a_cycle_is_no_endless_loop() {
    let layout = lay_out(&[5; 3], 1, &[(0, 1), (1, 2), (2, 0)], 80);
    assert_eq!(layout.places.len(), 3);
}

/// Graphs of up to 14 nodes, the same ones every time.
fn graphs() -> impl Iterator<Item = (Vec<usize>, Vec<(usize, usize)>)> {
    let mut state = 7_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    (0..400).map(move |_| {
        let nodes = 2 + random(13);
        let widths = (0..nodes).map(|_| 5 + random(9)).collect();
        let mut edges = Vec::new();
        for _ in 0..random(2 * nodes) {
            let to = 1 + random(nodes - 1);
            let edge = (random(to), to);
            if !edges.contains(&edge) {
                edges.push(edge);
            }
        }
        (widths, edges)
    })
}

#[test]
fn boxes_never_overlap_and_lines_lead_down() {
    for (widths, edges) in graphs() {
        for height in [1, 3] {
            let layout = lay_out(&widths, height, &edges, 60);
            assert_eq!(layout, lay_out(&widths, height, &edges, 60), "the same each time");
            let cells = |node: usize| {
                let (BoxPlace { x, y, .. }, width) = (layout.places[node], widths[node]);
                (y..y + height).flat_map(move |y| (x..x + width).map(move |x| (x, y)))
            };
            let mut taken = std::collections::HashSet::new();
            for node in 0..widths.len() {
                assert!(cells(node).all(|cell| taken.insert(cell)), "{edges:?}");
                assert!(cells(node).all(|(x, y)| x < layout.width && y < layout.height), "{edges:?}");
            }
            assert!(layout.pieces.iter().all(|piece| !taken.contains(&(piece.x, piece.y))), "{edges:?}");
            assert!(edges.iter().all(|edge| layout.places[edge.0].layer < layout.places[edge.1].layer));
        }
    }
}

#[test]
fn each_line_leads_from_its_box_to_the_other_and_joins_no_stranger() {
    for (widths, edges) in graphs() {
        let layout = lay_out(&widths, 1, &edges, 60);
        for (number, &(from, to)) in edges.iter().enumerate() {
            let own: Vec<&LinePiece> = layout.pieces.iter().filter(|piece| piece.edge == number).collect();
            let top = own.iter().min_by_key(|piece| piece.y).unwrap();
            let bottom = own.iter().max_by_key(|piece| piece.y).unwrap();
            let (above, below) = (layout.places[from], layout.places[to]);
            assert!(own.iter().any(|piece| piece.y == above.y + 1
                && piece.arms & UP != 0
                && piece.x == above.x + widths[from] / 2));
            assert_eq!((top.y, bottom.y + 1), (above.y + 1, below.y));
            let arrives = |piece: &&&LinePiece| piece.y + 1 == below.y && piece.arms & DOWN != 0;
            assert!(
                own.iter().filter(arrives).all(|piece| (below.x..below.x + widths[to]).contains(&piece.x))
            );
        }
        for arms in [UP | DOWN, LEFT | RIGHT] {
            let mut cells: BTreeMap<(usize, usize), Vec<(usize, usize)>> = BTreeMap::new();
            for piece in layout.pieces.iter().filter(|piece| piece.arms & arms != 0) {
                cells.entry((piece.x, piece.y)).or_default().push(edges[piece.edge]);
            }
            for (cell, there) in cells {
                let same_start = there.iter().all(|edge| edge.0 == there[0].0);
                let same_end = there.iter().all(|edge| edge.1 == there[0].1);
                assert!(
                    same_start || same_end,
                    "{there:?} meet at {cell:?} of\n{}",
                    drawn(&layout, &widths, |_| false)
                );
            }
        }
    }
}

#[test]
fn a_sign_has_the_arms_of_its_lines() {
    assert_eq!(sign(UP | DOWN, 0), '│');
    assert_eq!(sign(UP | DOWN | LEFT | RIGHT, LEFT | RIGHT), '┿');
    assert_eq!(sign(UP | RIGHT, UP | RIGHT), '┗');
    assert_eq!(SIGNS.chars().count(), 81);
}
