"""Each protocol against a server of it on this machine: what comes, what is cut, who is refused."""

import os
from contextlib import ExitStack
from dataclasses import dataclass

import boto3
import pytest

from pipeline.cli import main
from pipeline.connect.failures import SourceFailed
from pipeline.connect.opening import Connection
from pipeline.errors import InputRefused
from pipeline.orchestrate.sync import definition_of
from pipeline.services.upload import connectors
from pipeline.store.control.control_file import open_control
from tests.sftp import PASSWORD, Faults, sftp_server
from tests.sources import host_of, http_server, s3_server
from tests.unit.connect.conftest import patients

#: Larger than a piece, so that a cut leaves a beginning.
MANY = 30_000


@pytest.fixture(scope="session")
def s3():
    with s3_server() as address:
        yield address


@pytest.fixture
def bucket(s3, monkeypatch):
    monkeypatch.setenv("ICON_TEST_KEY", "key")
    monkeypatch.setenv("ICON_TEST_SECRET", PASSWORD)
    store = boto3.resource(
        "s3",
        endpoint_url=s3,
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key=PASSWORD,
    ).Bucket(f"b{os.urandom(6).hex()}")
    store.create()
    return store


@dataclass
class Server:
    """A server of one protocol that shows the folder of the source."""

    address: str
    faults: Faults
    options: dict[str, str]
    secrets: dict[str, str]


@pytest.fixture(params=["http", "sftp"])
def server(request, place, tmp_path, monkeypatch):
    faults = Faults()
    monkeypatch.setenv("ICON_TEST_PASSWORD", PASSWORD)
    monkeypatch.setattr("pipeline.connect.patience.FIRST_SECONDS", 0.01)
    with ExitStack() as stack:
        if request.param == "http":
            address = stack.enter_context(
                http_server(place.source, faults, login=f"Bearer {PASSWORD}")
            )
            yield Server(address, faults, {}, {"token": "ICON_TEST_PASSWORD"})
        else:
            sftp = stack.enter_context(sftp_server(place.source, tmp_path, faults))
            options = {"known_hosts": str(sftp.known_hosts)}
            yield Server(f"{sftp.address}/", faults, options, {"password": "ICON_TEST_PASSWORD"})


def test_files_of_a_server_come_once(place, server):
    place.put("in/patients.csv", patients(0, 5))
    place.put("in/deep er/Größe.csv", patients(5, 8))
    place.put("in/patients.csv.part", "half")
    place.add(server.address, server.secrets, **server.options)
    done = place.sync()
    assert place.states(done) == {
        "in/patients.csv": "loaded",
        "in/deep er/Größe.csv": "loaded",
        "in/patients.csv.part": "left_out",
    }
    assert place.sync().known == 2 and len(place.patients()) == 8
    place.put("in/patients.csv", patients(0, 6), age=1800)
    (place.source / "in" / "deep er" / "Größe.csv").unlink()
    changed = place.sync()
    assert place.states(changed)["in/patients.csv"] == "loaded"
    assert changed.gone == ("in/deep er/Größe.csv",)


def test_a_cut_download_goes_on_where_it_ended(place, server):
    place.put("patients.csv", patients(0, MANY))
    server.faults.cut_after, server.faults.cuts = 300_000, 2
    place.add(server.address, server.secrets, **server.options)
    done = place.sync()
    assert place.states(done) == {"patients.csv": "loaded"} and server.faults.cuts == 0
    assert len(place.patients()) == MANY
    first, *others = server.faults.offsets
    assert first == 0 and len(others) == 2 and 0 <= others[0] <= others[1] > 0


def test_what_a_killed_sync_fetched_is_not_fetched_again(place, server, monkeypatch):
    place.put("patients.csv", patients(0, MANY))
    server.faults.cut_after, server.faults.cuts = 300_000, 1
    place.add(server.address, server.secrets, **server.options)
    monkeypatch.setattr("pipeline.connect.opening.with_patience", lambda call, sleep: call())
    assert place.states(place.sync()) == {"patients.csv": "failed"}
    monkeypatch.undo()
    monkeypatch.setenv("ICON_TEST_PASSWORD", PASSWORD)
    assert place.states(place.sync()) == {"patients.csv": "loaded"}
    assert len(place.patients()) == MANY and server.faults.offsets[-1] > 0


def test_a_server_that_is_away_is_said_without_its_login(place, server, monkeypatch):
    monkeypatch.setenv("ICON_TEST_PASSWORD", "wrong")
    place.add(server.address, server.secrets, **server.options)
    with pytest.raises(SourceFailed, match="refuses the login") as refused:
        place.sync()
    assert not refused.value.is_passing
    words = str(refused.value)
    assert host_of(server.address) in words and "sender" not in words and "wrong" not in words
    monkeypatch.delenv("ICON_TEST_PASSWORD")
    with pytest.raises(InputRefused, match="ICON_TEST_PASSWORD: is not set"):
        place.sync()


def test_a_server_without_ranges_is_read_from_the_beginning(place, monkeypatch):
    monkeypatch.setattr("pipeline.connect.patience.FIRST_SECONDS", 0.01)
    place.put("patients.csv", patients(0, MANY))
    faults = Faults(cut_after=300_000, cuts=1)
    with http_server(place.source, faults, ranges=False) as address:
        place.add(f"{address}patients.csv")
        done = place.sync()
    assert place.states(done) == {"patients.csv": "loaded"} and len(place.patients()) == MANY


def test_links_that_lead_elsewhere_are_not_followed(place):
    place.put("in/patients.csv", patients(0, 3))
    place.put("secret.csv", patients(3, 6))
    links = ["../secret.csv", "/secret.csv", "..%2fsecret.csv", "//example.org/x.csv", "?C=N"]
    place.put(
        "in/index.html", "".join(f'<a href="{each}">x</a>' for each in [*links, "patients.csv"])
    )
    with http_server(place.source) as address:
        place.add(f"{address}in/")
        done = place.sync()
    assert [file.file for file in done.of_state("loaded")] == ["patients.csv"]
    assert place.states(done).get("../secret.csv") in (None, "left_out")
    assert len(place.patients()) == 3


def test_names_that_lead_out_of_the_folder_are_left_out(place, tmp_path, monkeypatch):
    monkeypatch.setenv("ICON_TEST_PASSWORD", PASSWORD)
    (tmp_path / "evil.csv").write_text(patients(0, 3))
    with sftp_server(place.source, tmp_path, more=("../evil.csv", "a/../../evil.csv")) as server:
        place.add(
            f"{server.address}/",
            {"password": "ICON_TEST_PASSWORD"},
            known_hosts=str(server.known_hosts),
        )
        done = place.sync()
    assert set(place.states(done).values()) == {"left_out"} and len(done.files) == 2
    assert not place.settings.warehouse_path.exists()


def test_a_host_that_is_not_known_hears_no_password(place, tmp_path, monkeypatch):
    monkeypatch.setenv("ICON_TEST_PASSWORD", PASSWORD)
    with sftp_server(place.source, tmp_path) as server:
        address = server.address
        place.add(address, {"password": "ICON_TEST_PASSWORD"}, known_hosts=str(tmp_path / "none"))
        with pytest.raises(SourceFailed, match="host key that is not known"):
            place.sync()
        with sftp_server(place.source, tmp_path) as other:
            ports = [host_of(each).rpartition(":")[2] for each in (other.address, address)]
            other.known_hosts.write_text(other.known_hosts.read_text().replace(*ports))
            connectors.remove(place.settings, "source")
            place.add(
                address, {"password": "ICON_TEST_PASSWORD"}, known_hosts=str(other.known_hosts)
            )
            with pytest.raises(SourceFailed, match="another host key"):
                place.sync()


def secrets_of_s3() -> dict[str, str]:
    return {"key": "ICON_TEST_KEY", "secret": "ICON_TEST_SECRET"}


def test_objects_of_a_bucket_come_once(place, bucket, s3):
    bucket.put_object(Key="in/patients.csv", Body=patients(0, 5).encode())
    bucket.put_object(Key="in/a b/../Größe+%41.csv", Body=patients(5, 8).encode())
    bucket.put_object(Key="in/a b/Größe+%41.csv", Body=patients(5, 8).encode())
    bucket.put_object(Key="in/empty/", Body=b"")
    bucket.put_object(Key="other/patients.csv", Body=patients(8, 9).encode())
    place.add(f"s3://{bucket.name}/in", secrets_of_s3(), endpoint_url=s3)
    done = place.sync()
    assert place.states(done) == {
        "patients.csv": "loaded",
        "a b/Größe+%41.csv": "loaded",
        "a b/../": "left_out",
    }
    assert place.sync().known == 2 and len(place.patients()) == 8
    bucket.put_object(Key="in/patients.csv", Body=patients(0, 6).encode())
    bucket.delete_objects(Delete={"Objects": [{"Key": "in/a b/Größe+%41.csv"}]})
    changed = place.sync()
    assert place.states(changed)["patients.csv"] == "loaded"
    assert changed.gone == ("a b/Größe+%41.csv",)


def test_a_large_object_goes_on_where_it_ended(place, bucket, s3):
    data = patients(0, MANY).encode()
    bucket.put_object(Key="patients.csv", Body=data)
    place.add(f"s3://{bucket.name}", secrets_of_s3(), endpoint_url=s3)
    with Connection(definition_of(place.settings, "source")) as connection:
        (file,) = connection.ask(lambda each: tuple(each.list(None)))
        to = place.source / "part"
        to.write_bytes(data[:500_000])
        connection.ask(lambda each: each.fetch(file, to, None))
    assert to.read_bytes() == data


def test_a_bucket_that_is_not_there_is_said(place, bucket, s3):
    place.add("s3://no-such-bucket-here/x", secrets_of_s3(), endpoint_url=s3)
    with pytest.raises(SourceFailed, match="holds nothing under this address"):
        place.sync()


def test_nothing_that_is_kept_or_printed_holds_a_secret(place, server, capsys, monkeypatch):
    place.put("patients.csv", patients(0, 3))
    place.add(server.address, server.secrets, **server.options)
    place.sync()
    home = str(place.settings.home)
    for words in (["connectors", "list"], ["connectors", "test", "source"], ["sync"]):
        assert main.main(["--home", home, *words, "--json"]) == 0
    monkeypatch.setenv("ICON_TEST_PASSWORD", f"{PASSWORD}-old")
    assert main.main(["--home", home, "sync", "source"]) == 1
    said = "".join(capsys.readouterr())
    assert PASSWORD not in said and "sender" not in said
    with open_control(place.settings) as control:
        assert PASSWORD not in "\n".join(control.iterdump())
    kept = [path for path in place.settings.home.rglob("*") if path.is_file()]
    assert not [path for path in kept if PASSWORD.encode() in path.read_bytes()]
