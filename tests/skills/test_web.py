import pytest

from skills.api import SkillError
from skills.web import LARGEST_BYTES, HttpWeb, WebRefused
from tests.skills.loopback import serving


@pytest.fixture
async def web(tmp_path):
    made = HttpWeb(tmp_path).limited_to({"127.0.0.1", "example.org"})
    yield made
    await made.close()


async def test_json_comes_back_fresh(web):
    async with serving(a=b'{"x": 1}') as server:
        assert await web.get_json(f"{server.url}/a", {"q": "é"}) == ({"x": 1}, 0.0)
        assert server.asked == [("/a", {"q": ["é"]})]


async def test_a_host_that_the_manifest_does_not_name_is_refused(web):
    with pytest.raises(WebRefused, match=r"other\.org"):
        await web.get_json("https://other.org/a")
    with pytest.raises(WebRefused):
        await HttpWeb().get_json("http://127.0.0.1/a")


@pytest.mark.parametrize(
    "url", ["http://example.org/a", "ftp://example.org/a", "file://example.org/etc/passwd"]
)
async def test_the_world_is_asked_by_https_only(web, url):
    with pytest.raises(WebRefused, match="https"):
        await web.get_json(url)


async def test_a_kept_answer_is_used_while_it_is_fresh(web):
    async with serving(a=b"1") as server:
        await web.get_json(f"{server.url}/a")
        server.answers["/a"] = b"2"
        kept, age_s = await web.get_json(f"{server.url}/a", fresh_for_s=60)
        assert (kept, age_s < 5) == (1, True)
        assert await web.get_json(f"{server.url}/a") == (2, 0.0)


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b"{}"), (404, b"{}"), (302, b"{}"), (200, b"<html>"), (200, b'"' + b"x" * LARGEST_BYTES + b'"')],
)
async def test_an_unusable_answer_counts_as_none(web, status, body):
    async with serving(a=b"1") as server:
        server.status, server.answers["/b"] = status, body
        with pytest.raises(SkillError):
            await web.get_json(f"{server.url}/b")
        server.status = 200
        await web.get_json(f"{server.url}/a")
        server.status, server.answers["/a"] = status, body
        kept, age_s = await web.get_json(f"{server.url}/a")
        assert kept == 1
        assert age_s > 0


async def test_a_cache_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "file").write_text("no folder")
    web = HttpWeb(tmp_path / "file").limited_to({"127.0.0.1"})
    async with serving(a=b"1") as server:
        assert await web.get_json(f"{server.url}/a", fresh_for_s=60) == (1, 0.0)
    await web.close()
