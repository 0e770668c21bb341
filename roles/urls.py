"""Addresses of people, departments, roles and one's own settings."""

from django.urls import path

from roles.views import departments, firm, people, roles, settings

urlpatterns = [
    path("people/", people.people, name="people"),
    path("people/new/", people.person_new, name="person-new"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/deactivate/", people.person_deactivate, name="person-deactivate"),
    path("people/<int:pk>/activate/", people.person_activate, name="person-activate"),
    path("people/<int:pk>/holdings/new/", people.holding_add, name="holding-add"),
    path("people/<int:pk>/holdings/<int:holding_pk>/end/", people.holding_end, name="holding-end"),
    path("departments/", departments.departments, name="departments"),
    path("departments/new/", departments.department_new, name="department-new"),
    path("departments/<int:pk>/", departments.department, name="department"),
    path("roles/", roles.roles, name="roles"),
    path("roles/new/", roles.role_new, name="role-new"),
    path("roles/<int:pk>/", roles.role, name="role"),
    path("firm/", firm.firm, name="firm"),
    path("settings/", settings.settings, name="settings"),
    path("accounts/email/", settings.own_addresses, name="account_email"),
]
