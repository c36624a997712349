"""What is to be seen on the demo's photos, item by item. Rule: a fault is seen, or not there."""

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType

from msgspec import Struct
from PIL import Image

from server.demo.drawing import AMBER, BLACK, DARK, GREEN, RED, WHITE, Ink, Scene

STEEL, GREY, PALE = (168, 172, 176), (112, 116, 120), (214, 214, 206)
ROOM, NIGHT, DESK = (196, 200, 200), (84, 90, 96), (176, 150, 120)
LCD, LCD_INK, GLASS = (150, 178, 128), (26, 36, 24), (16, 24, 38)


class Subject(Struct, frozen=True):
    """What is photographed: an item of a device, whether it is abnormal, and what it reads."""

    item: str
    label: str
    is_bad: bool
    reading: str = ""


def see(subject: Subject, chance: Random) -> Image.Image:
    """Draw what a photo of this shows."""
    wall, draw = SCENES.get(subject.item, (ROOM, screen))
    scene = Scene(wall, chance)
    draw(scene, subject)
    return scene.taken()


def rack_frame(scene: Scene, top: int = 90, bottom: int = 880) -> None:
    """Two rails with holes."""
    for x in (90, 1130):
        scene.box((x, top - 60, x + 60, bottom + 60), GREY)
        for y in range(top - 30, bottom + 40, 46):
            scene.ring(x + 30, y, 7, BLACK)


def power(scene: Scene, subject: Subject) -> None:
    """Two power supplies at the back of a device."""
    rack_frame(scene)
    scene.box((150, 250, 1130, 690), STEEL)
    for number, x in enumerate((200, 680)):
        scene.box((x, 300, x + 400, 640), GREY)
        scene.box((x + 30, 340, x + 190, 500), DARK)
        scene.ring(x + 290, 430, 84, DARK)
        for turn in range(0, 84, 16):
            scene.ring(x + 290, 430, 84 - turn, None, GREY)
        is_off = subject.is_bad and number == 1
        scene.lamp(x + 60, 590, RED if is_off else GREEN)
        scene.text(x + 110, 566, f"PSU{number + 1}", WHITE)
    scene.label(480, 712, subject.label)


def thermometer(scene: Scene, subject: Subject) -> None:
    """A hand-held instrument before the racks."""
    for x in range(60, 1280, 240):
        scene.box((x, 0, x + 220, 960), DARK)
        for y in range(40, 900, 70):
            scene.box((x + 20, y, x + 200, y + 44), (40, 44, 48), width=2)
    scene.box((360, 160, 940, 860), (232, 206, 60), round_=60)
    scene.box((420, 240, 880, 560), LCD, round_=16)
    usual, unit = ("52", "%RH") if "humidity" in subject.item else ("23.4", "C")
    scene.digits(480, 310, subject.reading or usual, LCD_INK)
    scene.text(740, 490, unit, LCD_INK, 50)
    scene.text(470, 256, "HOLD  MAX", LCD_INK, 28)
    scene.ring(650, 700, 70, DARK)
    scene.label(480, 780, subject.label)


def screen(scene: Scene, subject: Subject) -> None:
    """A window on a screen: what the system says of itself."""
    scene.box((120, 90, 1160, 790), BLACK, round_=24)
    scene.box((150, 120, 1130, 760), GLASS, round_=4)
    scene.box((150, 120, 1130, 170), (40, 74, 120), round_=4)
    scene.text(170, 124, f"{subject.label}  {subject.item}", WHITE)
    for row in range(7):
        y = 210 + row * 62
        is_told = subject.is_bad and row == 2
        share = 0.93 if is_told else scene.chance.uniform(0.2, 0.7)
        scene.text(180, y, f"{row + 1:02d}", PALE, 30)
        scene.box((250, y + 4, 900, y + 36), DARK, width=1)
        scene.box((250, y + 4, 250 + 650 * share, y + 36), RED if is_told else GREEN, width=1)
        scene.text(930, y, subject.reading or "!!" if is_told else "OK", WHITE, 32)
    scene.text(180, 680, "1 WARNING" if subject.is_bad else "ALL CHECKS PASSED", WHITE)
    scene.box((560, 790, 720, 900), DARK)


def disks(scene: Scene, subject: Subject) -> None:
    """The bays of an array."""
    rack_frame(scene)
    scene.box((150, 220, 1130, 740), DARK)
    for number in range(8):
        x, y = 180 + number % 4 * 234, 250 + number // 4 * 240
        scene.box((x, y, x + 216, y + 214), STEEL)
        for hole in range(x + 60, x + 190, 26):
            scene.box((hole, y + 40, hole + 14, y + 180), DARK, width=1)
        scene.lamp(x + 30, y + 60, AMBER if subject.is_bad and number == 1 else GREEN, 9)
    scene.label(460, 770, subject.label)


def fans(scene: Scene, subject: Subject) -> None:
    """A tray of fans; one of them stands."""
    scene.box((100, 220, 1180, 700), STEEL)
    for number, x in enumerate((280, 640, 1000)):
        is_still = subject.is_bad and number == 1
        scene.ring(x, 450, 160, DARK)
        if is_still:
            for dx, dy in ((0, -1), (0.9, 0.5), (-0.9, 0.5)):
                scene.line(((x, 450), (x + dx * 140, 450 + dy * 140)), PALE, 60)
        else:
            for radius in range(150, 40, -14):
                scene.ring(x, 450, radius, None, GREY)
        scene.ring(x, 450, 44, BLACK)
        scene.lamp(x, 660, AMBER if is_still else GREEN)
    scene.label(460, 730, subject.label)


def battery(scene: Scene, subject: Subject) -> None:
    """Batteries in their cabinet; a bad one bulges."""
    scene.box((60, 120, 1220, 840), DARK)
    for number, x in enumerate((110, 490, 870)):
        scene.box((x, 320, x + 300, 760), (52, 56, 62), round_=10)
        if subject.is_bad and number == 1:
            scene.ring(x + 150, 540, 196, (58, 62, 68), (30, 32, 36))
            scene.ring(x + 150, 540, 120, (66, 70, 76), (58, 62, 68))
        scene.box((x + 40, 270, x + 100, 330), RED, round_=4)
        scene.box((x + 200, 270, x + 260, 330), BLACK, round_=4)
        scene.text(x + 64, 600, f"12V 100Ah  {number + 1:02d}", PALE, 26)
        scene.line(((x + 230, 270), (x + 300, 190), (x + 450, 270)), RED, 18)
    scene.label(480, 780, subject.label)


def ups(scene: Scene, subject: Subject) -> None:
    """The front panel of a UPS with its display."""
    scene.box((150, 40, 1130, 920), (58, 62, 66), round_=20)
    scene.box((250, 120, 1030, 470), LCD, round_=10)
    scene.text(280, 136, "OUTPUT LOAD", LCD_INK, 36)
    scene.digits(330, 220, subject.reading or "42", LCD_INK, 170)
    scene.text(640, 340, "min" if subject.item == "battery_runtime" else "%", LCD_INK, 80)
    scene.text(760, 220, "220V 50.0Hz", LCD_INK, 40)
    scene.text(760, 280, "BATT 100%", LCD_INK, 40)
    names = ("INV", "BYP", "BAT", "FAULT")
    for number, name in enumerate(names):
        x = 330 + number * 200
        is_lit = number == 0 or (subject.is_bad and number == 3)
        scene.lamp(x, 560, (RED if number == 3 else GREEN) if is_lit else DARK, 16)
        scene.text(x - 40, 590, name, WHITE, 28)
    for y in range(680, 860, 34):
        scene.line(((250, y), (1030, y)), BLACK, 10)
    scene.label(720, 480, subject.label)


def filter_(scene: Scene, subject: Subject) -> None:
    """The filter of an air conditioner."""
    scene.box((160, 100, 1120, 860), STEEL)
    scene.box((200, 140, 1080, 820), (96, 88, 76) if subject.is_bad else PALE, width=2)
    ink: Ink = (70, 64, 56) if subject.is_bad else GREY
    for x in range(230, 1070, 30):
        scene.line(((x, 142), (x, 818)), ink, 3)
    for y in range(170, 810, 30):
        scene.line(((202, y), (1078, y)), ink, 3)
    if subject.is_bad:
        for _ in range(60):
            at = scene.chance.uniform(240, 1040), scene.chance.uniform(180, 780)
            scene.ring(*at, scene.chance.uniform(8, 34), (84, 76, 64), (84, 76, 64))
    scene.label(800, 760, subject.label)


def paper(scene: Scene, subject: Subject) -> None:
    """A test page as it comes out."""
    scene.box((230, 60, 1050, 940), WHITE, round_=2, width=1)
    scene.text(290, 100, f"TEST PAGE  {subject.label}", BLACK, 40)
    for row in range(9):
        scene.box((290, 190 + row * 34, 990 - row % 3 * 120, 204 + row * 34), GREY, width=1)
    for number, ink in enumerate(((0, 150, 200), (200, 30, 120), (230, 200, 30), BLACK)):
        scene.box((290 + number * 180, 540, 450 + number * 180, 660), ink, round_=0, width=1)
    for number in range(16):
        level = 255 - number * 15
        scene.box((290 + number * 44, 710, 334 + number * 44, 800), (level,) * 3, width=1)
    if subject.is_bad:
        for x in (520, 640, 646):
            scene.line(((x, 64), (x + 4, 936)), BLACK, 7)


def rollers(scene: Scene, subject: Subject) -> None:
    """The pick-up rollers of a printer with its tray out."""
    scene.box((100, 120, 1180, 840), (60, 62, 66))
    scene.box((160, 200, 1120, 330), STEEL)
    for x in (380, 700):
        worn: Ink = (120, 116, 110) if subject.is_bad else (38, 38, 42)
        scene.box((x, 380, x + 200, 620), worn, round_=40)
        for y in range(400, 610, 16):
            if not subject.is_bad or scene.chance.random() < 0.4:
                scene.line(((x + 14, y), (x + 186, y)), BLACK, 5)
    scene.label(480, 700, subject.label)


def keyboard(scene: Scene, subject: Subject) -> None:
    """A keyboard; of a broken one keys are missing."""
    gone = set(scene.chance.sample(range(48), 3)) if subject.is_bad else set[int]()
    scene.box((80, 240, 1200, 740), (40, 42, 46), round_=24)
    for number in range(48):
        x, y = 110 + number % 12 * 90, 270 + number // 12 * 112
        if number in gone:
            scene.box((x + 20, y + 20, x + 56, y + 76), (20, 22, 24))
        else:
            scene.box((x, y, x + 80, y + 96), (78, 80, 86), round_=10)
    scene.label(860, 770, subject.label)


def keypad(scene: Scene, subject: Subject) -> None:
    """A payment terminal."""
    scene.box((380, 40, 900, 940), (52, 60, 74), round_=50)
    scene.box((430, 100, 850, 340), LCD)
    scene.text(460, 130, "ONLINE", LCD_INK, 50)
    scene.text(460, 220, subject.label, LCD_INK, 36)
    for number in range(12):
        x, y = 440 + number % 3 * 140, 400 + number // 3 * 120
        is_worn = subject.is_bad and number == 4
        scene.box((x, y, x + 110, y + 90), GREY if is_worn else PALE, round_=14)
        scene.text(x + 40, y + 20, "123456789*0#"[number], BLACK, 46)


def seal(scene: Scene, subject: Subject) -> None:
    """The seal over the screws of a payment terminal."""
    scene.box((100, 120, 1180, 840), (52, 60, 74), round_=50)
    for x, y in ((200, 220), (1080, 220), (200, 740), (1080, 740)):
        scene.ring(x, y, 34, GREY)
    scene.box((380, 360, 900, 600), (238, 228, 120), round_=8)
    scene.text(420, 380, "VOID IF BROKEN", RED, 48)
    scene.text(420, 460, f"No. {scene.chance.randint(100_000, 999_999)}", BLACK, 60)
    for x in range(400, 880, 9):
        scene.box((x, 545, x + scene.chance.choice((2, 4, 6)), 585), BLACK, round_=0, width=1)
    scene.label(480, 640, subject.label)


def racks(scene: Scene, subject: Subject) -> None:
    """A row of racks along an aisle."""
    scene.box((-10, 780, 1290, 970), (150, 152, 150), width=1)
    for x in range(-20, 1290, 110):
        scene.line(((x, 970), (560 + x / 9, 780)), GREY)
    for number in range(5):
        x, far = 30 + number * 246, number * 8
        scene.box((x, 60 + far, x + 236, 850 - far), (40, 43, 47))
        for y in range(100 + far, 800 - far, 46):
            scene.box((x + 18, y, x + 218, y + 34), (58, 62, 66), width=2)
            if scene.chance.random() < 0.8:
                scene.lamp(x + 196, y + 17, GREEN if scene.chance.random() < 0.95 else AMBER, 5)
        scene.text(x + 84, 20 + far, f"A{number + 1:02d}", BLACK, 30)
    scene.label(500, 870, subject.label)


def ports(scene: Scene, subject: Subject) -> None:
    """The front of a switch."""
    rack_frame(scene)
    scene.box((150, 300, 1130, 640), (46, 60, 72))
    for number in range(24):
        x, y = 190 + number % 12 * 76, 340 + number // 12 * 120
        scene.box((x, y, x + 62, y + 70), BLACK, round_=2)
        is_used = scene.chance.random() < 0.6
        scene.lamp(x + 31, y + 86, GREEN if is_used else DARK, 6)
        if is_used:
            scene.line(((x + 31, y + 40), (x + 20, 760 + number * 6)), (60, 110, 190), 16)
    if subject.reading:
        scene.box((480, 100, 1000, 220), GLASS)
        scene.text(510, 126, f"RX {subject.reading} dBm", WHITE, 60)
    scene.label(460, 250, subject.label)


Draw = Callable[[Scene, Subject], None]

# What is not named is read from a screen.
SCENES: Mapping[str, tuple[Ink, Draw]] = MappingProxyType(
    {
        **dict.fromkeys(("psu_redundancy", "psu_state"), (NIGHT, power)),
        **dict.fromkeys(("inlet_temp", "room_humidity", "temp"), (NIGHT, thermometer)),
        **dict.fromkeys(("unused_ports", "rx_power_lr"), (NIGHT, ports)),
        **dict.fromkeys(("test_page", "test_page_photo"), (DESK, paper)),
        **dict.fromkeys(("battery_runtime", "nameplate_photo"), (ROOM, ups)),
        "disk_state": (NIGHT, disks),
        "fan_state": (NIGHT, fans),
        "battery_look": (ROOM, battery),
        "connections": (ROOM, battery),
        "filter": (ROOM, filter_),
        "rollers": (DESK, rollers),
        "peripheral_faults": (DESK, keyboard),
        "keypad": (DESK, keypad),
        "seal_photo": (DESK, seal),
        "room_photo": (ROOM, racks),
        "clutter": (ROOM, racks),
    }
)
