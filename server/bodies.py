"""The body of a request as it comes, piece by piece. Rule: it is never in memory as a whole.

A connection that ends before its body does is nobody's defect: what came counts as far as it was
kept, and nobody hears an answer.
"""

from collections.abc import AsyncGenerator

from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from schemas.problems import Problem
from server.problems import CLIENT_LEFT, http_problem


class ClientLeft(Exception):
    """The connection ended before the body did; nobody hears an answer."""


async def body_of(request: Request[object, object, State]) -> AsyncGenerator[bytes]:
    """The body as it comes. Raises `ClientLeft` where the connection ends before it."""
    try:
        async for piece in request.stream():
            if piece:
                yield piece
    except HTTPException as error:
        if error.detail != CLIENT_LEFT:
            raise
        raise ClientLeft from None


def left_problem(request: Request[object, object, State], _: ClientLeft) -> Response[Problem]:
    """Nobody hears this; it is logged as no defect."""
    return http_problem(request, HTTPException(detail=CLIENT_LEFT, status_code=500))
