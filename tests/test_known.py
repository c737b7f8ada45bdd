from sc_pipeline.raw.known_files import known_files


def test_every_known_file_belongs_to_a_described_release() -> None:
    known = known_files()
    same_bytes = known["3bf6326fa444fa6f76d75da17a42994a221a184611da7b287b20be941060286b"]
    july = known["12c4f50a64a282d07974a368b88b37f4aac24c925ab8b2a0dba6e89a9060fb48"].release
    assert len(known) == 53
    assert same_bytes.release.release_id == "november-2025-release"
    assert (july.release_id, july.foia_request, july.population) == ("2025-icli-00019", "2024-ICFO-39357", "ice")
