"""The structured parts of a standard: naming rules, code tables, forms, storage rules.

Pure: everything here works on `StandardPart.data`, plain JSON, and knows neither models nor requests.
"""
