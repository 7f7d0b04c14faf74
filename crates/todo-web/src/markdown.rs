//! Notes written in Markdown, as HTML that can do no harm.

use maud::{Markup, PreEscaped};
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream, html};

/// Renders CommonMark with strikethrough, tables and task lists. Raw HTML is shown as text; links lead only to `http`, `https`,
/// `mailto` and `tel`; pictures become links, since the page loads nothing from elsewhere; a bare web address is a link too.
pub fn render(source: &str) -> Markup {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS;
    let harmless = Parser::new_ext(source, options).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::SoftBreak => Event::HardBreak,
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: safe(dest_url), title, id })
        }
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: safe(dest_url), title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        // A note's headings stand below those of the page.
        Event::Start(Tag::Heading { .. }) => Event::Start(Tag::Strong),
        Event::End(TagEnd::Heading(_)) => Event::End(TagEnd::Strong),
        // A box that can't be ticked would be a field without a name.
        Event::TaskListMarker(done) => Event::Text(if done { "☑ " } else { "☐ " }.into()),
        other => other,
    });
    let mut literal = 0;
    let events = TextMergeStream::new(harmless).flat_map(|event| {
        match &event {
            Event::Start(Tag::Link { .. } | Tag::CodeBlock(_)) => literal += 1,
            Event::End(TagEnd::Link | TagEnd::CodeBlock) => literal -= 1,
            Event::Text(text) if literal == 0 && text.contains("://") => return linked(text),
            _ => {}
        }
        vec![event]
    });
    let mut rendered = String::with_capacity(source.len() + source.len() / 4);
    html::push_html(&mut rendered, events);
    PreEscaped(rendered)
}

/// The text with its web addresses as links.
fn linked<'a>(text: &str) -> Vec<Event<'a>> {
    let mut events = Vec::new();
    let mut rest = text;
    let said = |text: &str| Event::Text(text.to_owned().into());
    while let Some(at) = ["https://", "http://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"')).unwrap_or(from.len());
        let address = without_end(&from[..end]);
        let dest_url = CowStr::from(address.to_owned());
        let (link_type, title, id) = (LinkType::Autolink, "".into(), "".into());
        events.extend([
            said(before),
            Event::Start(Tag::Link { link_type, dest_url, title, id }),
            said(address),
            Event::End(TagEnd::Link),
        ]);
        rest = &from[address.len()..];
    }
    events.push(said(rest));
    events
}

/// An address without the punctuation of the sentence in which it stands; a bracket stays when it was opened in the address.
fn without_end(mut address: &str) -> &str {
    loop {
        let shorter = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_']);
        let opened = shorter.matches('(').count() >= shorter.matches(')').count();
        let shorter = if opened { shorter } else { shorter.strip_suffix(')').unwrap_or(shorter) };
        if shorter.len() == address.len() {
            return address;
        }
        address = shorter;
    }
}

/// The address, or `#` when following it could run something. Control characters are what browsers skip when they read a scheme.
fn safe(address: CowStr<'_>) -> CowStr<'_> {
    let plain: String = address.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let scheme = plain.split(['/', '?', '#']).next().and_then(|start| start.split_once(':')).map(|(scheme, _)| scheme);
    match scheme {
        None => address,
        Some(scheme) if ["http", "https", "mailto", "tel"].iter().any(|ok| scheme.eq_ignore_ascii_case(ok)) => address,
        Some(_) => "#".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_notes_is_text() {
        let html = render("<script>alert(1)</script> <img src=x onerror=alert(1)>\n\n<b>x</b>").into_string();
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<b>"), "{html}");
        assert!(html.contains("&lt;script&gt;"), "{html}");
    }

    #[test]
    fn bare_addresses_are_links() {
        let link = |address: &str| format!("<a href=\"{address}\">{address}</a>");
        for (source, address) in [
            ("see https://example.org/a_b?c=1, then", "https://example.org/a_b?c=1"),
            ("(http://example.org/x_(y)).", "http://example.org/x_(y)"),
            ("**https://example.org**", "https://example.org"),
        ] {
            let html = render(source).into_string();
            assert!(html.contains(&link(address)), "{html}");
        }
        let both = render("https://a.example https://b.example/?x=1&y=2").into_string();
        assert!(both.contains(&link("https://a.example")), "{both}");
        assert!(both.contains("href=\"https://b.example/?x=1&amp;y=2\""), "{both}");
        for source in ["`https://a.example`", "```\nhttps://a.example\n```", "[https://a.example](https://b.example)"] {
            assert!(!render(source).into_string().contains("href=\"https://a.example"), "{source}");
        }
        let quote = render("https://a.example\"onmouseover=x").into_string();
        assert!(quote.contains("<a href=\"https://a.example\">"), "{quote}");
    }

    #[test]
    fn boxes_of_task_lists_are_text() {
        let html = render("- [x] done\n- [ ] open").into_string();
        assert!(html.contains("☑ done") && html.contains("☐ open") && !html.contains("<input"), "{html}");
    }

    #[test]
    fn links_that_could_run_something_lead_nowhere() {
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            "java\tscript:alert(1)",
            "&#106;avascript:alert(1)",
            "\u{1}javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
        ] {
            let html = render(&format!("[x](<{bad}>)\n\n![y](<{bad}>)")).into_string();
            assert!(!html.to_lowercase().contains("script:") && !html.contains("data:"), "{bad:?} → {html}");
        }
        let html = render("[a](https://example.org/a:b) [b](mailto:a@b.c) [c](/task/1) <https://e.org>").into_string();
        for good in ["https://example.org/a:b", "mailto:a@b.c", "\"/task/1\"", "https://e.org"] {
            assert!(html.contains(good), "{good} in {html}");
        }
    }

    #[test]
    fn pictures_are_not_loaded() {
        let html = render("![pixel](https://tracker.example/p.png)").into_string();
        assert!(
            !html.contains("<img") && html.contains("<a href=\"https://tracker.example/p.png\">pixel</a>"),
            "{html}"
        );
    }

    #[test]
    fn deep_nesting_does_not_overflow() {
        let deep = ">".repeat(10_000) + &"[".repeat(10_000);
        assert!(render(&deep).into_string().len() > 100);
    }
}
