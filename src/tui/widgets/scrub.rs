//! A bar that stands for a whole record, from its first event to its last, with signs where something happened.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};

use crate::theme::{Role, Theme};

/// Something that happened.
#[derive(Debug, Clone, Copy)]
pub struct ScrubEvent {
    /// Its place among the events, from 0.
    pub at: usize,
    /// How much it matters: where several fall into one cell, the greatest is shown; of equal ones the last.
    pub weight: u8,
    pub sign: &'static str,
    /// The style of the sign.
    pub style: Style,
}

/// A bar over a record.
#[derive(Debug, Clone, Copy)]
pub struct ScrubBar {
    /// How many events there are.
    pub len: usize,
    /// How many of them lie behind the current position.
    pub position: usize,
}

impl ScrubBar {
    /// Returns the cell of `columns` in which the event at this place lies. The first and the last event have the ends.
    fn cell(self, at: usize, columns: usize) -> usize {
        let last = self.len.saturating_sub(1);
        (at.min(last) * (columns - 1) + last / 2).checked_div(last).unwrap_or(0)
    }

    /// Draws the bar with what happened, in any order, into the first row of `area`. Returns the event that each cell stands
    /// for: the one that it shows, else the nearest one.
    pub fn draw(
        self,
        events: impl Iterator<Item = ScrubEvent>,
        area: Rect,
        buf: &mut Buffer,
        theme: &Theme,
    ) -> Vec<usize> {
        let columns = usize::from(area.width);
        if self.len == 0 || columns == 0 || area.height == 0 {
            return Vec::new();
        }
        let mut shown: Vec<Option<ScrubEvent>> = vec![None; columns];
        for event in events.filter(|event| event.at < self.len) {
            let place = &mut shown[self.cell(event.at, columns)];
            if place.is_none_or(|other| (other.weight, other.at) <= (event.weight, event.at)) {
                *place = Some(event);
            }
        }
        let here = self.cell(self.position.saturating_sub(1), columns);
        let nearest = |cell: usize| {
            let (last, cells) = (self.len - 1, (columns - 1).max(1));
            (cell * last + cells / 2) / cells
        };
        let mut stands_for = Vec::with_capacity(columns);
        for (cell, event) in shown.into_iter().enumerate() {
            let (line, role) = if cell <= here { ("━", Role::Bar) } else { ("─", Role::BarRest) };
            let (sign, style) = event.map_or((line, theme[role]), |event| (event.sign, event.style));
            let target = &mut buf[(area.x + cell as u16, area.y)];
            target.set_symbol(sign).set_style(style);
            if cell == here {
                target.set_symbol(if event.is_some() { sign } else { "◆" }).set_style(theme[Role::BadgePast]);
            }
            stands_for.push(event.map_or_else(|| nearest(cell), |event| event.at));
        }
        stands_for
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(at: usize, weight: u8, sign: &'static str) -> ScrubEvent {
        ScrubEvent { at, weight, sign, style: Style::new() }
    }

    fn drawn(bar: (usize, usize), events: &[ScrubEvent], columns: u16) -> (String, Vec<usize>) {
        let area = Rect::new(0, 0, columns, 1);
        let mut buf = Buffer::empty(area);
        let bar = ScrubBar { len: bar.0, position: bar.1 };
        let cells = bar.draw(events.iter().copied(), area, &mut buf, &Theme::bundled("dark").unwrap());
        ((0..columns).map(|x| buf[(x, 0)].symbol()).collect(), cells)
    }

    #[test]
    fn what_matters_most_shows_where_several_events_share_a_cell() {
        let events =
            [event(0, 1, "○"), event(50, 9, "⚑"), event(51, 2, "✔"), event(99, 5, "✎"), event(98, 5, "✘")];
        let (text, cells) = drawn((100, 30), &events, 11);
        assert_eq!(text, "○━━◆─⚑────✎");
        assert_eq!((cells[0], cells[5], cells[10]), (0, 50, 99));
        let (text, _) = drawn((100, 100), &events, 4);
        assert_eq!(text, "○━⚑✎");
    }

    #[test]
    fn short_records_and_narrow_bars_fit_too() {
        let one = [event(0, 1, "○")];
        assert_eq!(drawn((1, 0), &one, 3), ("○──".to_owned(), vec![0, 0, 0]));
        assert_eq!(drawn((2, 2), &[], 3).0, "━━◆");
        assert_eq!(drawn((2, 2), &one, 1), ("○".to_owned(), vec![0]));
        assert_eq!(drawn((0, 0), &[], 3).1, Vec::<usize>::new());
    }

    #[test]
    fn every_event_can_be_reached_on_a_bar_that_is_as_wide() {
        let (_, cells) = drawn((20, 0), &[], 20);
        assert_eq!(cells, (0..20).collect::<Vec<_>>());
    }
}
