"""From where somebody logs in."""

from typing import Annotated

from fastapi import Depends, Request

from evens.edges.http.protocol.addresses import client_address
from evens.identity.sessions import Device


async def _device(request: Request) -> Device:
    return Device(client_address(request.scope), request.headers.get("user-agent"))


ThisDevice = Annotated[Device, Depends(_device)]
