"""How each route succeeds: one hand-written row per route. A route without a row fails the run.

A recipe gives a Call that would be answered 2xx: everything that it needs exists, and none of it has
been used. The matrix bends one thing of it at a time.
"""
import uuid

from client import new_key
from world import PRICES, SECTIONS

PASSWORD = 'correct horse battery'


class Call:
    def __init__(self, path, user=None, body=None, refresh=None):
        self.path = path
        self.user = user            # who may; None: everybody
        self.body = body            # None: the route takes none
        self.key = new_key()

    def send(self, client, method, **changes):
        options = {'token': self.user.token if self.user else None, 'key': self.key}
        if self.body is not None:
            options['body'] = self.body
        options.update(changes)
        if options.get('data') is not None:
            options.pop('body', None)
        path = options.pop('path', self.path)
        return client.request(method, path, **options)


RECIPES = {}


def recipe(name):
    def keep(function):
        RECIPES[name] = function
        return function
    return keep


def fresh_email(what='auth'):
    """An address that no run before had, should the system be older than this run (tests/guards)."""
    return f'{what}.{uuid.uuid4().hex[:12]}@example.test'


def session(world):
    """A signed-up account that is logged in: (login document, credentials)."""
    email = fresh_email('matrix')
    body = {'email': email, 'password': PASSWORD, 'name': 'Matrix Buyer'}
    world.done(world.client.post('/api/auth/signup', body), 201)
    login = world.client.post('/api/auth/login', {'email': email, 'password': PASSWORD})
    return world.done(login, 200), body


class Bearer:
    """A user known by a token alone."""

    def __init__(self, token):
        self.token = token


@recipe('POST /api/auth/signup')
def signup(world):
    email = fresh_email('new')
    return Call('/api/auth/signup', None, {'email': email, 'password': PASSWORD, 'name': 'Ann',
                                           'phone': '+821012345678'})


@recipe('POST /api/auth/login')
def login(world):
    _, body = session(world)
    return Call('/api/auth/login', None, {'email': body['email'], 'password': PASSWORD})


@recipe('POST /api/auth/refresh')
def refresh(world):
    document, _ = session(world)
    return Call('/api/auth/refresh', None, {'refresh_token': document['refresh_token']})


@recipe('POST /api/auth/logout')
def logout(world):
    document, _ = session(world)
    return Call('/api/auth/logout', Bearer(document['access_token']))


@recipe('GET /api/me/sessions')
def sessions(world):
    document, _ = session(world)
    return Call('/api/me/sessions', Bearer(document['access_token']))


@recipe('DELETE /api/me/sessions')
def sessions_delete(world):
    document, _ = session(world)
    return Call('/api/me/sessions', Bearer(document['access_token']))


@recipe('GET /api/me')
def me(world):
    return Call('/api/me', world.user())


@recipe('PATCH /api/me')
def me_patch(world):
    return Call('/api/me', world.user(), {'name': 'Other Name', 'phone': '+821012345678'})


@recipe('GET /api/events')
def events(world):
    return Call('/api/events')


@recipe('GET /api/events/{id}')
def event(world):
    return Call(f'/api/events/{world.show()["event_id"]}')


@recipe('GET /api/events/{id}/dates')
def event_dates(world):
    return Call(f'/api/events/{world.show()["event_id"]}/dates')


@recipe('GET /api/events/{id}/shows')
def event_shows(world):
    return Call(f'/api/events/{world.show()["event_id"]}/shows')


@recipe('GET /api/shows/{id}')
def show(world):
    return Call(f'/api/shows/{world.show()["id"]}')


@recipe('GET /api/layouts/{id}')
def layout(world):
    return Call(f'/api/layouts/{world.show()["layout_id"]}')


@recipe('GET /api/shows/{id}/availability')
def availability(world):
    return Call(f'/api/shows/{world.show()["id"]}/availability')


@recipe('POST /api/shows/{id}/holds')
def hold_post(world):
    return Call(f'/api/shows/{world.show()["id"]}/holds', world.user(), {'seats': [2, 0]})


def owned_hold(world):
    user = world.user(balance=1000000)
    return user, world.hold(user, world.show(), [4, 5])


def hold_path(hold):
    return f'/api/shows/{hold["show_id"]}/holds/{hold["id"]}'


@recipe('GET /api/shows/{id}/holds')
def hold_list(world):
    user, hold = owned_hold(world)
    return Call(f'/api/shows/{hold["show_id"]}/holds', user)


@recipe('GET /api/shows/{id}/holds/{hold}')
def hold_get(world):
    user, hold = owned_hold(world)
    return Call(hold_path(hold), user)


@recipe('POST /api/shows/{id}/holds/{hold}/extend')
def hold_extend(world):
    user = world.user()
    hold = world.hold(user, world.show(hold_seconds=60), [4])
    # Time passes by the clock of the database alone: an extension must have something to give.
    world.sql("UPDATE show.holds SET expires_at = expires_at - interval '30 s' WHERE hold_id = %s", hold['id'])
    world.sql("UPDATE show.seats SET held_until = held_until - interval '30 s' WHERE hold_id = %s", hold['id'])
    return Call(hold_path(hold) + '/extend', user)


@recipe('DELETE /api/shows/{id}/holds/{hold}')
def hold_delete(world):
    user, hold = owned_hold(world)
    return Call(hold_path(hold), user)


@recipe('POST /api/shows/{id}/orders')
def order_post(world):
    user, hold = owned_hold(world)
    return Call(f'/api/shows/{hold["show_id"]}/orders', user, {'hold_id': hold['id']})


def owned_order(world):
    user, hold = owned_hold(world)
    return user, world.order(user, hold)


@recipe('GET /api/shows/{id}/orders/{order}')
def order_get(world):
    user, order = owned_order(world)
    return Call(f'/api/shows/{order["show_id"]}/orders/{order["id"]}', user)


@recipe('GET /api/me/orders')
def orders(world):
    user, _ = owned_order(world)
    return Call('/api/me/orders', user)


@recipe('POST /api/shows/{id}/orders/{order}/payments')
def payment(world):
    user, order = owned_order(world)
    return Call(world.pay_path(order), user, {'method': 'wallet'})


@recipe('POST /api/shows/{id}/orders/{order}/cancel')
def order_cancel(world):
    user, hold = owned_hold(world)
    order = world.pay(user, world.order(user, hold))['order']
    return Call(f'/api/shows/{order["show_id"]}/orders/{order["id"]}/cancel', user)


@recipe('POST /api/shows/{id}/checkins')
def checkin(world):
    order = world.buy(world.user(balance=1000000), world.show(), [4, 5])
    return Call(f'/api/shows/{order["show_id"]}/checkins', world.operator, {'code': order['tickets'][0]['code']})


@recipe('GET /api/me/wallet')
def wallet(world):
    return Call('/api/me/wallet', world.user())


@recipe('POST /api/me/wallet/charges')
def charge(world):
    return Call('/api/me/wallet/charges', world.user(), {'amount': 5000})


@recipe('GET /api/me/wallet/entries')
def entries(world):
    return Call('/api/me/wallet/entries', world.user(balance=7000))


@recipe('POST /api/admin/venues')
def venue(world):
    return Call('/api/admin/venues', world.admin,
                {'name': 'Arts Centre', 'region': 'Busan', 'address': 'Road 1',
                 'time_zone': 'Asia/Seoul'})


@recipe('POST /api/admin/halls')
def hall(world):
    return Call('/api/admin/halls', world.admin, {'venue_id': world.venue()['id'], 'name': 'Main'})


@recipe('POST /api/admin/layouts')
def layout_post(world):
    hall = world.make('halls', {'venue_id': world.venue()['id'], 'name': 'Main'})
    return Call('/api/admin/layouts', world.admin, {'hall_id': hall['id'], 'sections': SECTIONS})


@recipe('POST /api/admin/events')
def event_post(world):
    return Call('/api/admin/events', world.admin,
                {'title': 'Concert', 'kind': 'concert', 'rating': '12', 'running_minutes': 90,
                 'description': 'A concert.'})


@recipe('POST /api/admin/shows')
def show_post(world):
    body = world.show_body(prices=PRICES, max_seats_per_user=4, hold_seconds=300)
    hall = world.halls['shared']
    return Call('/api/admin/shows', world.admin, dict(body, layout_id=hall['layout_id']))


@recipe('POST /api/admin/shows/{id}/cancel')
def show_cancel(world):
    return Call(f'/api/admin/shows/{world.show()["id"]}/cancel', world.admin, {'reason': 'the singer is ill'})


@recipe('PATCH /api/admin/events/{id}')
def event_patch(world):
    return Call(f'/api/admin/events/{world.event()["id"]}', world.admin,
                {'title': 'Another', 'kind': 'play', 'rating': '15', 'running_minutes': 100, 'description': 'A play.'})


@recipe('PATCH /api/admin/shows/{id}')
def show_patch(world):
    show = world.show()
    body = world.show_body(prices={'VIP': 3, 'R': 2, 'S': 1}, max_seats_per_user=6, hold_seconds=60)
    body.update(layout_id=show['layout_id'], sales_close_at=body['starts_at'])
    return Call(f'/api/admin/shows/{show["id"]}', world.admin, body)


def blocks_path(show):
    return f'/api/admin/shows/{show["id"]}/blocks'


@recipe('GET /api/admin/shows/{id}/blocks')
def blocks(world):
    return Call(blocks_path(world.show()), world.admin)


@recipe('POST /api/admin/shows/{id}/blocks')
def blocks_post(world):
    return Call(blocks_path(world.show()), world.admin, {'seats': [3, 1], 'reason': 'a camera'})


@recipe('DELETE /api/admin/shows/{id}/blocks')
def blocks_delete(world):
    show = world.show()
    world.block(show, [1, 3])
    return Call(blocks_path(show), world.admin, {'seats': [3, 1], 'reason': 'the camera is gone'})


@recipe('GET /api/admin/shows/{id}/orders')
def show_orders(world):
    _, order = owned_order(world)
    return Call(f'/api/admin/shows/{order["show_id"]}/orders', world.admin)


@recipe('GET /api/admin/audit')
def audit(world):
    return Call('/api/admin/audit', world.admin)


@recipe('GET /api/openapi.json')
def openapi(world):
    return Call('/api/openapi.json')


@recipe('GET /healthz')
def healthz(world):
    return Call('/healthz')


@recipe('GET /readyz')
def readyz(world):
    return Call('/readyz')


@recipe('GET /metrics')
def metrics(world):
    return Call('/metrics')


def by_shape(name):
    """Rows are found by template with any names of placeholders."""
    import re
    wanted = re.sub(r'\{[^}]*\}', '{}', name)
    for known, function in RECIPES.items():
        if re.sub(r'\{[^}]*\}', '{}', known) == wanted:
            return function
    return None
