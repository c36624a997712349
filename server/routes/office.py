"""All routes of the office's own work, as one router, and the fonts that only they need."""

from functools import lru_cache
from pathlib import Path

from litestar import Router
from litestar.di import NamedDependency, Provide

from server.fonts import Fonts
from server.routes import (
    labels,
    office_assets,
    office_audit,
    office_contracts,
    office_edits,
    office_review,
    office_rounds,
    office_signatures,
    office_waiting,
    reports,
    rescue,
    sign,
    tags,
)
from server.settings import ROOT, Settings

# Installed with the app's packages; without it the system's fonts are used.
FONT_PACKAGE = ROOT / "static" / "pwa" / "node_modules" / "@fontsource" / "noto-sans-sc"


@lru_cache(maxsize=4)
def fonts_in(cache: Path) -> Fonts:
    """Give the fonts that unpack into this folder; they remember what they unpacked."""
    return Fonts(source=FONT_PACKAGE, cache=cache)


def font_cache(settings: Settings) -> Path:
    """Where fonts are unpacked."""
    return settings.data_dir / "cache" / "fonts"


def provide_fonts(settings: NamedDependency[Settings]) -> Fonts:
    """Give the fonts of this installation."""
    return fonts_in(font_cache(settings))


def office_router() -> Router:
    """Give the router."""
    return Router(
        path="/",
        route_handlers=[
            office_rounds.today,
            office_rounds.list_assignments,
            office_rounds.show_assignment,
            office_review.list_inspections,
            office_review.show_inspection,
            office_review.decide_inspection,
            office_review.undo_decision,
            office_waiting.list_waiting,
            office_waiting.show_waiting,
            office_waiting.decide_waiting,
            office_assets.list_assets,
            office_assets.list_duplicates,
            office_assets.show_asset,
            office_assets.list_sites,
            office_assets.list_inspectors,
            office_edits.edit,
            office_edits.list_plans,
            office_contracts.list_contracts,
            office_edits.generate_rounds,
            office_signatures.show_visit,
            office_signatures.show_as_signed,
            office_signatures.make_sign_link,
            office_signatures.withdraw_sign_link,
            sign.look_at,
            sign.give,
            sign.ask_from_device,
            office_audit.show_audit,
            office_audit.look_at_chains,
            tags.public_tag,
            tags.look_up_tag,
            labels.print_labels,
            labels.preview_labels,
            labels.list_batches,
            labels.retire_batch,
            reports.list_reports,
            reports.list_subjects,
            reports.download_table,
            reports.show_report,
            reports.order_report,
            reports.download_report,
            rescue.import_rescue,
        ],
        dependencies={"fonts": Provide(provide_fonts, sync_to_thread=False)},
    )
