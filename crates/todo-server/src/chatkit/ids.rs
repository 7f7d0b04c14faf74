//! Ids of threads and items. What belongs to a turn has the id of the user's message in it, so that an answer has its ids before
//! it is stored.

use uuid::Uuid;

/// What of a turn an item shows, in the order of their appearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What the user said.
    Said,
    /// The tool calls.
    Work,
    /// The answer's text.
    Answer,
    /// The question that the answer ends in.
    Question,
}

impl Part {
    const ALL: [Self; 4] = [Self::Said, Self::Work, Self::Answer, Self::Question];

    const fn prefix(self) -> &'static str {
        match self {
            Self::Said => "msg_",
            Self::Work => "wf_",
            Self::Answer => "ans_",
            Self::Question => "inp_",
        }
    }
}

const THREAD: &str = "thr_";

/// Id of a thread.
pub fn thread(conversation: Uuid) -> String {
    format!("{THREAD}{}", conversation.simple())
}

/// The conversation that a thread's id stands for.
pub fn conversation(id: &str) -> Option<Uuid> {
    uuid(id.strip_prefix(THREAD)?)
}

/// Id of an item.
pub fn item(turn: Uuid, part: Part) -> String {
    format!("{}{}", part.prefix(), turn.simple())
}

/// The turn and the part that an item's id stands for.
pub fn turn(id: &str) -> Option<(Uuid, Part)> {
    Part::ALL.into_iter().find_map(|part| Some((uuid(id.strip_prefix(part.prefix())?)?, part)))
}

/// Only the form that we give out, so that an id has one spelling.
fn uuid(text: &str) -> Option<Uuid> {
    let plain = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    plain.then(|| Uuid::try_parse(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_and_nothing_else_does() {
        let id = Uuid::now_v7();
        assert_eq!(conversation(&thread(id)), Some(id));
        for part in Part::ALL {
            assert_eq!(turn(&item(id, part)), Some((id, part)));
        }
        for odd in ["", "thr_", "msg_1", &id.to_string(), &format!("msg_{id}"), &format!("MSG_{}", id.simple())] {
            assert_eq!((conversation(odd), turn(odd)), (None, None), "{odd}");
        }
    }
}
