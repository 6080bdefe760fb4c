"""From where somebody logs in."""

from typing import Annotated

from fastapi import Depends, Request

from evens.identity.sessions import Device


async def _device(request: Request) -> Device:
    address = None if request.client is None else request.client.host
    return Device(address, request.headers.get("user-agent"))


ThisDevice = Annotated[Device, Depends(_device)]
