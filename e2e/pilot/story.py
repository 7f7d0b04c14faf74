"""A plan by the official Python client: story.py MODE accept|decline|unable '{"url", "token"} | {"command", "args", "env"}'.
Prints what came of it as JSON."""

import asyncio
import json
import sys

from mcp import types
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared._httpx_utils import create_mcp_http_client

SCALE = {"changes": [{"action": "scale", "target": {"name": "backend"}, "replicas": {"to": 3}}]}


async def story(client: Client, questions: list[str]) -> dict:
    tools = [tool.name for tool in (await client.list_tools()).tools]
    planned = await client.call_tool("plan_change", SCALE)
    plan = planned.structured_content["plan"]
    applied = await client.call_tool("apply_plan", {"plan": plan})
    text = applied.content[0].text if applied.content else ""
    return {"tools": tools, "plan": plan, "error": bool(applied.is_error), "text": text, "questions": questions}


async def main(mode: str, answer: str, way: dict) -> None:
    questions: list[str] = []

    async def user(_context, params) -> types.ElicitResult:
        questions.append(params.message)
        if answer == "accept":
            return types.ElicitResult(action="accept", content={"apply": True})
        return types.ElicitResult(action="decline")

    asks = {} if answer == "unable" else {"elicitation_callback": user}
    if "url" in way:
        async with create_mcp_http_client(headers={"authorization": f"Bearer {way['token']}"}) as http:
            async with Client(streamable_http_client(way["url"], http_client=http), mode=mode, **asks) as client:
                told = await story(client, questions)
    else:
        server = StdioServerParameters(command=way["command"], args=way["args"], env=way["env"])
        async with Client(stdio_client(server), mode=mode, **asks) as client:
            told = await story(client, questions)
    print(json.dumps(told))


asyncio.run(main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3])))
