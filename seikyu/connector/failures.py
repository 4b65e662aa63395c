"""What can end a run early, in one table: error → kind, and a sentence that says what to do.

What concerns one invoice only never gets here; it becomes that invoice's reason. What gets here
would meet every other invoice too: wrong keys, missing permissions, nobody answering.
"""

from dataclasses import dataclass

import stripe

from seikyu.board.errors import (
    BoardCredentialsInvalid,
    BoardError,
    BoardForbidden,
    BoardNotFound,
    BoardRejected,
    BoardUnauthorized,
    DailyLimitReached,
)
from seikyu.connector.reasons import Kind, Language
from seikyu.connector.store import StoreUnavailable

FATAL_OF_STRIPE = (
    stripe.AuthenticationError,
    stripe.PermissionError,
    stripe.APIConnectionError,
)
OF_ONE_INVOICE_IN_BOARD = (BoardRejected, BoardNotFound)

EXPECTED = (BoardError, BoardCredentialsInvalid, StoreUnavailable, stripe.StripeError)
"""The errors that end a run with a sentence. Anything else is our own bug, and is shown as one."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run ended early. `stops` means it went well until then and goes on another time."""

    kind: Kind
    ja: str
    en: str
    stops: bool = False

    def sentence(self, language: Language) -> str:
        """Return the sentence in the language asked for."""
        return self.ja if language == "ja" else self.en


def failure_of(error: Exception) -> Failure:
    """Put an expected error into words."""
    said = " ".join(str(error).split())
    match error:
        case DailyLimitReached():
            resets = f"{error.resets_at:%Y-%m-%d %H:%M} UTC"
            return Failure(
                Kind.TIMEOUT,
                f"board APIの本日の呼び出し回数（{error.used}/{error.limit}）が上限に近いため停止しました。"
                f"{resets}（日本時間9:00）以降に再実行してください。",
                said,
                stops=True,
            )
        case BoardUnauthorized() | BoardCredentialsInvalid():
            ja = "boardのAPIキーまたはAPIトークンが無効です。boardの開発者用API設定で確認してください。"
            return Failure(Kind.CONFIG, ja, said)
        case BoardForbidden():
            ja = f"boardのAPIトークンに「{error.operation}」の権限がありません。権限を追加してください。"
            return Failure(Kind.PERMISSION, ja, said)
        case BoardError():
            return Failure(Kind.TIMEOUT, f"boardから正常な応答がありません：{said}", said)
        case StoreUnavailable():
            return Failure(Kind.CONFIG, f"データベースを使用できません：{said}", said)
        case stripe.StripeError():
            return _of_stripe(error)
        case _:
            raise error


def _of_stripe(error: stripe.StripeError) -> Failure:
    said = " ".join(str(error.user_message or error).split())
    match error:
        case stripe.AuthenticationError():
            return Failure(
                Kind.CONFIG,
                "StripeのAPIキーが無効です。STRIPE_API_KEYを確認してください。",
                "Stripe does not accept the API key. Check STRIPE_API_KEY.",
            )
        case stripe.PermissionError():
            return Failure(
                Kind.PERMISSION,
                f"StripeのAPIキーの権限が足りません：{said}",
                f"The Stripe API key lacks a permission: {said}",
            )
        case stripe.APIConnectionError():
            return Failure(
                Kind.TIMEOUT,
                "Stripeに接続できません。ネットワークとSEIKYU_STRIPE_URLを確認し、あとで再実行してください。",
                "Stripe cannot be reached. Check the network and SEIKYU_STRIPE_URL, and run again later.",
            )
        case _:
            return Failure(
                Kind.TIMEOUT,
                f"Stripeから正常な応答がありません：{said}",
                f"Stripe gave no usable answer: {said}. Run again later.",
            )
