"""The metrics of tasks by their words: what `Task.metrics` may name."""

from penchant.evaluation import classification, prediction
from penchant.evaluation.significance import Statistic

MEASURES: dict[str, Statistic] = {
    "rmse": prediction.rmse,
    "mae": prediction.mae,
    "brier": prediction.brier,
    "auc": prediction.auc,
    "log_loss": prediction.log_loss,
    "calibration_error": prediction.calibration_error,
    "average_precision": prediction.average_precision,
    "accuracy": classification.accuracy,
    "macro_f1": classification.macro_f1,
}
