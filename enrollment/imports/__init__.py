"""Files that come in: how they are read, what each line must say, how they reach the register.

`formats` and `workbooks` turn a file into lines of text, `values` reads cells, one module a kind
says what its lines mean, `load` stages, checks and applies. The entry is
`enrollment.services.imports.receive_file`.
"""

from enrollment.imports.categories import CATEGORIES_KIND
from enrollment.imports.chase_results import CHASE_RESULTS
from enrollment.imports.control_totals import CONTROL_TOTALS
from enrollment.imports.department_list import DEPARTMENT_LIST
from enrollment.imports.history import HISTORY
from enrollment.imports.people import PEOPLE
from enrollment.imports.recognition_list import RECOGNITION_LIST
from enrollment.imports.remittance import REMITTANCE

KINDS = (
    PEOPLE,
    HISTORY,
    CATEGORIES_KIND,
    RECOGNITION_LIST,
    REMITTANCE,
    CONTROL_TOTALS,
    DEPARTMENT_LIST,
    CHASE_RESULTS,
)
