"""scikit-learn's estimators and metrics on ndgrad tensors, with array API dispatch."""

import numpy as np
import pytest
import sklearn
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier, RidgeCV
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    confusion_matrix,
    explained_variance_score,
    f1_score,
    hamming_loss,
    log_loss,
    mean_absolute_error,
    mean_squared_error,
    precision_score,
    r2_score,
    recall_score,
    roc_auc_score,
    zero_one_loss,
)
from sklearn.metrics.pairwise import cosine_distances, euclidean_distances, linear_kernel, rbf_kernel
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    KernelCenterer,
    LabelEncoder,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PolynomialFeatures,
    StandardScaler,
)
from sklearn.svm import SVC

# scikit-learn divides by counts of zero, as NumPy says for any array library but NumPy itself.
pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered in divide:RuntimeWarning")

random = np.random.default_rng(3)
LABELS = np.repeat(np.arange(3), 20)
X = random.standard_normal((60, 5)) + LABELS[:, None] * np.asarray([1.0, -1.0, 0.5, 0.0, 2.0])
TARGET = X @ np.asarray([1.0, 2.0, -1.0, 0.5, 0.0]) + 0.1 * random.standard_normal(60)
PREDICTED = TARGET + 0.3 * random.standard_normal(60)
GUESSED = np.where(random.uniform(size=60) < 0.8, LABELS, (LABELS + 1) % 3)
BINARY = (LABELS == 1).astype(int)
SCORE = random.uniform(0.05, 0.95, 60)
PROBABILITIES = random.dirichlet([1.0, 1.0, 1.0], 60)

ESTIMATORS = [
    ("StandardScaler", StandardScaler(), "transform"),
    ("MinMaxScaler", MinMaxScaler(), "transform"),
    ("MaxAbsScaler", MaxAbsScaler(), "transform"),
    ("Normalizer", Normalizer(), "transform"),
    ("Binarizer", Binarizer(), "transform"),
    ("PolynomialFeatures", PolynomialFeatures(2), "transform"),
    ("PCA full", PCA(2, svd_solver="full"), "transform"),
    ("PCA covariance_eigh", PCA(2, svd_solver="covariance_eigh"), "transform"),
    ("PCA randomized", PCA(2, svd_solver="randomized", power_iteration_normalizer="QR", random_state=0), "transform"),
    ("LinearDiscriminantAnalysis", LinearDiscriminantAnalysis(), "predict_proba"),
    ("Ridge", Ridge(solver="svd"), "predict"),
    ("RidgeCV", RidgeCV(), "predict"),
    ("RidgeClassifier", RidgeClassifier(solver="svd"), "decision_function"),
    ("LogisticRegression", LogisticRegression(solver="lbfgs"), "predict_proba"),
    ("GaussianNB", GaussianNB(), "predict_proba"),
    ("GaussianMixture", GaussianMixture(2, init_params="random", random_state=0), "predict_proba"),
    ("Nystroem", Nystroem(kernel="linear", n_components=4, random_state=0), "transform"),
    (
        "Pipeline",
        make_pipeline(StandardScaler(), PCA(3, svd_solver="full"), LinearDiscriminantAnalysis()),
        "predict_proba",
    ),
    ("GridSearchCV", GridSearchCV(Ridge(solver="svd"), {"alpha": [0.1, 1.0]}), "predict"),
]
REGRESSORS = {"Ridge", "RidgeCV", "GridSearchCV"}

FUNCTIONS = [
    ("accuracy_score", accuracy_score, LABELS, GUESSED),
    ("f1_score", lambda y, p: f1_score(y, p, average="macro"), LABELS, GUESSED),
    ("precision_score", lambda y, p: precision_score(y, p, average="macro"), LABELS, GUESSED),
    ("recall_score", lambda y, p: recall_score(y, p, average="macro"), LABELS, GUESSED),
    ("zero_one_loss", zero_one_loss, LABELS, GUESSED),
    ("hamming_loss", hamming_loss, LABELS, GUESSED),
    ("log_loss", log_loss, LABELS, PROBABILITIES),
    ("brier_score_loss", brier_score_loss, BINARY, SCORE),
    ("confusion_matrix", confusion_matrix, LABELS, GUESSED),
    ("roc_auc_score", roc_auc_score, BINARY, SCORE),
    ("mean_squared_error", mean_squared_error, TARGET, PREDICTED),
    ("mean_absolute_error", mean_absolute_error, TARGET, PREDICTED),
    ("explained_variance_score", explained_variance_score, TARGET, PREDICTED),
    ("r2_score", r2_score, TARGET, PREDICTED),
    ("rbf_kernel", rbf_kernel, X),
    ("linear_kernel", linear_kernel, X),
    ("cosine_distances", cosine_distances, X),
    ("euclidean_distances", euclidean_distances, X, X[:3] + 0.5),
    ("train_test_split", lambda x, y: train_test_split(x, y, random_state=0), X, LABELS),
    ("cross_val_score", lambda x, y: cross_val_score(LinearDiscriminantAnalysis(), x, y), X, LABELS),
    ("KernelCenterer", lambda x: KernelCenterer().fit_transform(x @ x.T), X),
    ("LabelEncoder", lambda y: LabelEncoder().fit_transform(y), LABELS),
]
# Their results are NumPy arrays for every library.
ON_THE_HOST = {"cross_val_score"}


@pytest.fixture(autouse=True)
def _dispatch():
    with sklearn.config_context(array_api_dispatch=True):
        yield


def fitted(estimator, method, x, y):
    return getattr(sklearn.base.clone(estimator).fit(x, y), method)(x)


@pytest.mark.parametrize("row", ESTIMATORS, ids=[row[0] for row in ESTIMATORS])
def test_an_estimator_answers_as_with_numpy(row, agree, tensors):
    name, estimator, method = row
    y = TARGET if name in REGRESSORS else LABELS
    agree(fitted(estimator, method, *tensors([X, y])), fitted(estimator, method, X, y), rtol=1e-5)


@pytest.mark.parametrize("row", FUNCTIONS, ids=[row[0] for row in FUNCTIONS])
def test_a_function_answers_as_with_numpy(row, agree, tensors):
    name, function, *arrays = row
    actual, expected = function(*tensors(arrays)), function(*arrays)
    if name in ON_THE_HOST:
        np.testing.assert_allclose(np.asarray(actual), expected, rtol=1e-6)
    else:
        agree(actual, expected, rtol=1e-6)


@pytest.mark.parametrize(
    "estimator", [SVC(), RandomForestClassifier(5, random_state=0)], ids=lambda e: type(e).__name__
)
def test_an_estimator_without_dispatch_takes_tensors_as_arrays(estimator, tensors):
    with sklearn.config_context(array_api_dispatch=False):
        expected = estimator.fit(X, LABELS).predict(X)
        actual = estimator.fit(*tensors([X, LABELS])).predict(tensors(X))
    np.testing.assert_array_equal(actual, expected)
