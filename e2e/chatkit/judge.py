"""Drives `/chatkit` as ChatKit's front end does, and holds everything against ChatKit's own types: judge.py PROGRAM WORK."""

import json
import sys
import traceback
from datetime import datetime
from typing import Any

from chatkit.types import ChatKitReq, Page, Thread, ThreadItem, ThreadStreamEvent
from pydantic import TypeAdapter

from server import Server

REQUEST, EVENT, THREAD = TypeAdapter(ChatKitReq), TypeAdapter(ThreadStreamEvent), TypeAdapter(Thread)
ITEMS, THREADS = TypeAdapter(Page[ThreadItem]), TypeAdapter(Page[Thread])


def strict(kind: TypeAdapter, value: Any) -> Any:
    """What the type makes of the value; every field of the value must be one that the type knows, with the same meaning."""
    known = kind.validate_python(value)
    same(value, kind.dump_python(known, mode="json"), "$")
    return value


def same(ours: Any, theirs: Any, where: str) -> None:
    if isinstance(ours, dict):
        for name, value in ours.items():
            assert value is not None, f"{where}.{name} is null; what has no value is left out"
            assert name in theirs, f"{where}.{name} is unknown"
            same(value, theirs[name], f"{where}.{name}")
    elif isinstance(ours, list):
        assert len(ours) == len(theirs), where
        for at, (mine, other) in enumerate(zip(ours, theirs)):
            same(mine, other, f"{where}[{at}]")
    elif where.endswith("created_at"):
        assert ours.endswith("Z") and datetime.fromisoformat(ours) == datetime.fromisoformat(theirs), f"{where}: {ours}"
    else:
        assert ours == theirs, f"{where}: {ours!r} is read as {theirs!r}"


def message(text: str) -> dict:
    return {"content": [{"type": "input_text", "text": text}], "attachments": [], "inference_options": {}}


class Person:
    def __init__(self, server: Server, name: str) -> None:
        self.server, self.token = server, server.account(name)

    def send(self, kind: str, params: dict) -> tuple[int, str, str]:
        request = {"type": kind, "params": params, "metadata": {}}
        REQUEST.validate_python(request)
        return self.server.post("/chatkit", request, self.token)

    def read(self, kind: str, params: dict, answer: TypeAdapter) -> Any:
        status, media, text = self.send(kind, params)
        assert status == 200 and media == "application/json", (status, media, text)
        return strict(answer, json.loads(text))

    def stream(self, kind: str, params: dict) -> "Screen":
        status, media, text = self.send(kind, params)
        assert status == 200 and media == "text/event-stream", (status, media, text)
        assert text.endswith("\n\n"), "the stream broke off"
        screen = Screen()
        for line in text.split("\n\n")[:-1]:
            assert line.startswith("data: "), line
            screen.show(strict(EVENT, json.loads(line.removeprefix("data: "))))
        return screen


class Screen:
    """What a front end would show: items appear, change, and are done; what is done looks like what was put together."""

    def __init__(self) -> None:
        self.events: list[dict] = []
        self.thread: dict | None = None
        self.items: dict[str, dict] = {}
        self.open: dict[str, dict] = {}

    def show(self, event: dict) -> None:
        self.events.append(event)
        match event["type"]:
            case "thread.created" | "thread.updated":
                self.thread = event["thread"]
            case "thread.item.added":
                assert event["item"]["id"] not in self.items, "added twice"
                self.open[event["item"]["id"]] = json.loads(json.dumps(event["item"]))
            case "thread.item.updated":
                self.update(self.open[event["item_id"]], event["update"])
            case "thread.item.done":
                item = event["item"]
                grown = self.open.pop(item["id"], None)
                assert grown is None or grown == item, f"grown {grown}, done {item}"
                self.items[item["id"]] = item
            case "thread.item.replaced":
                self.items[event["item"]["id"]] = event["item"]
            case "error":
                raise AssertionError(event)

    @staticmethod
    def update(item: dict, update: dict) -> None:
        match update["type"]:
            case "assistant_message.content_part.added":
                assert update["content_index"] == len(item["content"])
                item["content"].append(dict(update["content"]))
            case "assistant_message.content_part.text_delta":
                item["content"][update["content_index"]]["text"] += update["delta"]
            case "assistant_message.content_part.done":
                assert item["content"][update["content_index"]] == update["content"], "the pieces are not the whole"
            case "workflow.task.added":
                assert update["task_index"] == len(item["workflow"]["tasks"])
                item["workflow"]["tasks"].append(update["task"])
            case "workflow.task.updated":
                item["workflow"]["tasks"][update["task_index"]] = update["task"]
            case other:
                raise AssertionError(other)

    def of(self, kind: str) -> dict:
        assert not self.open, f"never done: {self.open}"
        return next(item for item in self.items.values() if item["type"] == kind)


def create(person: Person, text: str) -> tuple[str, Screen]:
    screen = person.stream("threads.create", {"input": message(text)})
    assert screen.events[0]["type"] == "thread.created", screen.events[0]
    return screen.thread["id"], screen


def a_thread_and_its_stream(ada: Person, _: Person) -> None:
    thread, screen = create(ada, "add buy milk tomorrow 5pm")
    assert screen.of("user_message")["content"][0]["text"] == "add buy milk tomorrow 5pm"
    assert [task["status_indicator"] for task in screen.of("workflow")["workflow"]["tasks"]] == ["complete"]
    assert "Buy milk" in screen.of("assistant_message")["content"][0]["text"]
    page = ada.read("items.list", {"thread_id": thread, "order": "asc"}, ITEMS)
    shown = {item["id"]: {**item, "created_at": ""} for item in screen.items.values()}
    kept = {item["id"]: {**item, "created_at": ""} for item in page["data"]}
    assert shown == kept, f"streamed {shown}, kept {kept}"


def pages(ada: Person, _: Person) -> None:
    thread, _ = create(ada, "add call Sam")
    for text in ["hello", "list my tasks", "undo"]:
        ada.stream("threads.add_user_message", {"thread_id": thread, "input": message(text)})
    whole = ada.read("threads.get_by_id", {"thread_id": thread}, THREAD)["items"]["data"]
    for order in ["asc", "desc"]:
        found, after = [], None
        while True:
            params = {"thread_id": thread, "limit": 3, "order": order} | ({"after": after} if after else {})
            page = ada.read("items.list", params, ITEMS)
            found += page["data"]
            if not page["has_more"]:
                break
            after = page["after"]
        assert (found if order == "asc" else found[::-1]) == whole, order
    listed = ada.read("threads.list", {"limit": 1}, THREADS)
    assert listed["has_more"] and listed["data"][0]["id"] == thread, listed
    rest = ada.read("threads.list", {"after": listed["after"]}, THREADS)
    assert thread not in [one["id"] for one in rest["data"]], rest


def a_question_is_asked_and_answered(ada: Person, _: Person) -> None:
    for title in ["Water the roses", "Water the lawn"]:
        create(ada, f"add {title}")
    thread, screen = create(ada, "complete water")
    question = screen.of("structured_input")
    choice = next(option["value"] for option in question["inputs"][0]["options"] if "lawn" in option["value"])
    answers = {"status": "answered", "answers": {question["inputs"][0]["id"]: {"values": [choice]}}}
    params = {"thread_id": thread, "item_id": question["id"], "input": answers}
    screen = ada.stream("threads.add_structured_input", params)
    assert screen.of("structured_input")["status"] == "answered"
    assert "lawn" in screen.of("assistant_message")["content"][0]["text"], screen.items
    skipped = {"thread_id": thread, "item_id": question["id"], "input": {"status": "skipped", "answers": {}}}
    assert ada.stream("threads.add_structured_input", skipped).of("structured_input")["status"] == "skipped"


def a_message_is_answered_again(ada: Person, _: Person) -> None:
    thread, screen = create(ada, "add buy stamps")
    said = screen.of("user_message")["id"]
    ada.stream("threads.add_user_message", {"thread_id": thread, "input": message("add buy envelopes")})
    ada.stream("threads.retry_after_item", {"thread_id": thread, "item_id": said})
    items = ada.read("items.list", {"thread_id": thread, "order": "asc"}, ITEMS)["data"]
    assert [item["type"] for item in items] == ["user_message", "workflow", "assistant_message"], items
    _, found = create(ada, "search stamps")
    assert found.of("assistant_message")["content"][0]["text"].lower().count("buy stamps") == 1, found.items


def threads_are_kept(ada: Person, _: Person) -> None:
    thread, screen = create(ada, "hello")
    renamed = ada.read("threads.update", {"thread_id": thread, "title": "Greetings"}, THREAD)
    assert renamed["title"] == "Greetings", renamed
    answer = screen.of("assistant_message")["id"]
    status, _, text = ada.send("items.feedback", {"thread_id": thread, "item_ids": [answer], "kind": "positive"})
    assert (status, text) == (200, "{}"), text
    status, _, text = ada.send("threads.delete", {"thread_id": thread})
    assert (status, text) == (200, "{}"), text
    assert ada.send("threads.get_by_id", {"thread_id": thread})[0] == 404


def strangers_see_nothing(ada: Person, eve: Person) -> None:
    thread, screen = create(ada, "add something secret")
    said = screen.of("user_message")["id"]
    for kind, params in [
        ("threads.get_by_id", {"thread_id": thread}),
        ("items.list", {"thread_id": thread}),
        ("threads.add_user_message", {"thread_id": thread, "input": message("hi")}),
        ("threads.retry_after_item", {"thread_id": thread, "item_id": said}),
        ("items.feedback", {"thread_id": thread, "item_ids": [said], "kind": "negative"}),
        ("threads.update", {"thread_id": thread, "title": "mine"}),
        ("threads.delete", {"thread_id": thread}),
    ]:
        assert eve.send(kind, params)[0] == 404, kind
    assert eve.read("threads.list", {}, THREADS)["data"] == []
    assert ada.server.post("/chatkit", {"type": "threads.list", "params": {}})[0] == 401


def nonsense_is_refused(ada: Person, _: Person) -> None:
    for body in [{}, [], 7, "x", {"type": "no.such"}, {"type": "threads.create", "params": {"input": 7}}]:
        status = ada.server.post("/chatkit", body, ada.token)[0]
        assert status == 400, (body, status)
    assert ada.send("threads.create", {"input": message("")})[0] == 422
    assert ada.send("threads.create", {"input": message("x" * 5001)})[0] == 422
    assert ada.send("attachments.create", {"name": "a", "size": 1, "mime_type": "text/plain"})[0] == 400
    assert ada.send("input.transcribe", {"audio_base64": "", "mime_type": "audio/webm"})[0] == 400


def main(program: str, work: str) -> int:
    server = Server(program, work)
    ada, eve = Person(server, "ada"), Person(server, "eve")
    passed = failed = 0
    for check in [
        a_thread_and_its_stream,
        pages,
        a_question_is_asked_and_answered,
        a_message_is_answered_again,
        threads_are_kept,
        strangers_see_nothing,
        nonsense_is_refused,
    ]:
        try:
            check(ada, eve)
            passed += 1
            print(f"ok      {check.__name__}")
        except Exception:
            failed += 1
            print(f"FAILED  {check.__name__}\n{traceback.format_exc(limit=-4)}")
    server.stop()
    wrong = [line for line in server.log.read_text().splitlines() if '"level":"ERROR"' in line or "panicked" in line]
    if wrong:
        failed += 1
        print("FAILED  nothing went wrong inside", *wrong[:5], sep="\n")
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


sys.exit(main(sys.argv[1], sys.argv[2]))
