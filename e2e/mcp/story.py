"""What an agent does, with the official Python client: story.py MODE '{"url", "token"} | {"program", "env"}'."""

import asyncio
import json
import sys

from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client
from mcp.shared.exceptions import MCPError


async def story(client: Client, mode: str) -> None:
    wanted = {"legacy": "2025-11-25"}.get(mode, "2026-07-28")
    assert client.protocol_version == wanted, client.protocol_version
    names = [tool.name for tool in (await client.list_tools()).tools]
    for name in ["add_task", "list_tasks", "complete_task", "delete_task", "update_task"]:
        assert name in names, names

    made = await client.call_tool("add_task", {"title": "Buy bread", "due_date": "tomorrow 5pm"})
    assert not made.is_error, made
    number = made.structured_content["task_id"]
    assert made.structured_content["task"]["due_date"] == "2026-11-19T17:00:00+01:00", made
    listed = await client.call_tool("list_tasks", {"search": "bread"})
    assert [task["title"] for task in listed.structured_content["tasks"]] == ["Buy bread"], listed
    done = await client.call_tool("complete_task", {"task_id": number})
    assert done.structured_content["status"] == "completed", done
    wrong = await client.call_tool("delete_task", {"task_id": 4711})
    assert wrong.is_error and "no such task" in wrong.content[0].text, wrong
    misfit = await client.call_tool("add_task", {})
    assert misfit.is_error and "title" in misfit.content[0].text, misfit
    try:
        await client.call_tool("no_such_tool", {})
        raise AssertionError("an unknown tool was called")
    except MCPError as error:
        assert error.error.code == -32602, error

    uris = [str(resource.uri) for resource in (await client.list_resources()).resources]
    assert "todo://today" in uris, uris
    read = await client.read_resource(f"todo://tasks/{number}")
    assert json.loads(read.contents[0].text)["title"] == "Buy bread", read
    prompts = [prompt.name for prompt in (await client.list_prompts()).prompts]
    assert "plan_my_day" in prompts, prompts
    prompt = await client.get_prompt("break_down", {"task": str(number)})
    assert "Buy bread" in prompt.model_dump_json(), prompt
    removed = await client.call_tool("delete_task", {"task_id": number})
    assert removed.structured_content["status"] == "deleted", removed


async def main(mode: str, way: dict) -> None:
    if "url" in way:
        async with create_mcp_http_client(headers={"authorization": f"Bearer {way['token']}"}) as http:
            async with Client(streamable_http_client(way["url"], http_client=http), mode=mode) as client:
                await story(client, mode)
    else:
        server = StdioServerParameters(command=way["program"], args=["mcp"], env=way["env"])
        async with Client(stdio_client(server), mode=mode) as client:
            await story(client, mode)


asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
