"""Grades notebooks with stock nbgrader: ``python stock.py COURSE``, prints ``{student: {cell: points or null}}``.

The course has ``source/ps1/paper.ipynb`` and ``submitted/STUDENT/ps1/paper.ipynb``.
"""

import json
import sys
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

course = Path(sys.argv[1])
config = Config()
config.CourseDirectory.root = str(course)
config.CourseDirectory.db_url = f"sqlite:///{course}/gradebook.db"
config.IncludeHeaderFooter.header = config.IncludeHeaderFooter.footer = ""
api = NbGraderAPI(config=config)
scores = {}
assert api.generate_assignment("ps1", create=True)["success"]
for student in sorted(path.name for path in (course / "submitted").iterdir()):
    done = api.autograde("ps1", student, force=True, create=True)
    assert done["success"], done["log"][-2000:]
with Gradebook(config.CourseDirectory.db_url) as gradebook:
    for submission in gradebook.assignment_submissions("ps1"):
        grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
        scores[submission.student_id] = {grade.name: grade.auto_score for grade in grades}
sys.stdout.write(json.dumps(scores))
