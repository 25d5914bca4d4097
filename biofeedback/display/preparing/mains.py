"""Whether the computer hangs on the mains, as far as its system tells."""

from contextlib import suppress
from pathlib import Path

_SUPPLIES = Path("/sys/class/power_supply")  # Linux


def on_mains(supplies: Path = _SUPPLIES) -> bool | None:
    """Return whether it is plugged in; None where nobody can tell, as on a desktop."""
    kinds = [_read(each, "type", "scope") for each in _listed(supplies)]
    if any(_read(each, "online") == ["1"] for each in _listed(supplies)):
        return True  # whatever the charger is called, and also where it only holds the charge
    if kinds and ["Battery", ""] not in kinds and ["Battery", "System"] not in kinds:
        return None  # psutil takes the battery of a wireless mouse for the computer's
    import psutil  # what starting the program need not load

    # it has no such function for some systems, and trips over some batteries
    with suppress(AttributeError, OSError, RuntimeError, ValueError):
        battery = psutil.sensors_battery()
        return None if battery is None else battery.power_plugged
    return None


def _listed(supplies: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(supplies.iterdir())
    return []


def _read(supply: Path, *names: str) -> list[str]:
    """Return what a power supply says of itself, empty where it says nothing."""
    said = []
    for name in names:
        text = ""
        with suppress(OSError, ValueError):
            text = (supply / name).read_text(encoding="ascii").strip()
        said.append(text)
    return said
