"""Incidents, timelines and follow-ups."""

import sqlalchemy as sa
from alembic import op

import bot.database

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('help_groups',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(length=32), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=False),
    sa.Column('user_group', sa.String(length=32), nullable=False),
    sa.Column('set_by', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_help_groups_team_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_help_groups')),
    sa.UniqueConstraint('team_id', name=op.f('uq_help_groups_team_id'))
    )
    op.create_table('incidents',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(length=32), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('channel', sa.String(length=32), nullable=False),
    sa.Column('source_ts', sa.String(length=64), nullable=False),
    sa.Column('thread_ts', sa.String(length=64), nullable=True),
    sa.Column('message_ts', sa.String(length=64), nullable=True),
    sa.Column('via', sa.String(length=16), nullable=False),
    sa.Column('opened_by', sa.String(length=32), nullable=False),
    sa.Column('opened_at', bot.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('timezone', sa.String(length=64), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('severity', sa.Integer(), nullable=True),
    sa.Column('owner', sa.String(length=32), nullable=True),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('symptom', sa.String(length=64), nullable=True),
    sa.Column('confirmed', sa.Boolean(), nullable=False),
    sa.Column('candidates', sa.JSON(), nullable=False),
    sa.Column('ruled_out', sa.JSON(), nullable=False),
    sa.Column('stacks', sa.JSON(), nullable=False),
    sa.Column('remembered', sa.JSON(), nullable=False),
    sa.Column('read_fully', sa.Boolean(), nullable=False),
    sa.Column('whole', sa.Boolean(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('nudge_at', bot.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('nudges', sa.Integer(), nullable=False),
    sa.Column('mitigated_at', bot.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('closed_at', bot.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.String(length=32), nullable=True),
    sa.Column('cause', sa.Text(), nullable=True),
    sa.Column('helped', sa.Text(), nullable=True),
    sa.Column('impact', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_incidents_team_id'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incidents')),
    sa.UniqueConstraint('workspace_id', 'channel', 'source_ts', name=op.f('uq_incidents_workspace_id_channel_source_ts'))
    )
    with op.batch_alter_table('incidents', schema=None) as batch_op:
        batch_op.create_index('ix_incidents_nudge', ['state', 'nudge_at'], unique=False)
        batch_op.create_index('ix_incidents_team', ['workspace_id', 'team_id', 'symptom'], unique=False)
        batch_op.create_index('ix_incidents_thread', ['workspace_id', 'channel', 'thread_ts'], unique=False)

    op.create_table('follow_ups',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(length=32), nullable=False),
    sa.Column('incident_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('owner', sa.String(length=32), nullable=False),
    sa.Column('due', sa.Date(), nullable=False),
    sa.Column('done_at', bot.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('done_by', sa.String(length=32), nullable=True),
    sa.Column('chased_at', bot.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('chases', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_follow_ups_incident_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_follow_ups')),
    sa.UniqueConstraint('incident_id', 'number', name=op.f('uq_follow_ups_incident_id_number'))
    )
    with op.batch_alter_table('follow_ups', schema=None) as batch_op:
        batch_op.create_index('ix_follow_ups_open', ['done_at', 'due'], unique=False)

    op.create_table('incident_lines',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(length=32), nullable=False),
    sa.Column('incident_id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('at', bot.database.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=32), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_incident_lines_incident_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_lines')),
    sa.UniqueConstraint('incident_id', 'key', name=op.f('uq_incident_lines_incident_id_key'))
    )
    with op.batch_alter_table('incident_lines', schema=None) as batch_op:
        batch_op.create_index('ix_incident_lines_of', ['workspace_id', 'incident_id', 'at'], unique=False)

    op.create_table('incident_marks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(length=32), nullable=False),
    sa.Column('incident_id', sa.Integer(), nullable=False),
    sa.Column('ts', sa.String(length=32), nullable=False),
    sa.Column('by', sa.String(length=32), nullable=False),
    sa.Column('how', sa.String(length=8), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_incident_marks_incident_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_marks')),
    sa.UniqueConstraint('incident_id', 'ts', 'by', 'how', name=op.f('uq_incident_marks_incident_id_ts_by_how'))
    )
    op.create_table('incident_messages',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(length=32), nullable=False),
    sa.Column('incident_id', sa.Integer(), nullable=False),
    sa.Column('ts', sa.String(length=32), nullable=False),
    sa.Column('by', sa.String(length=32), nullable=True),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('edited_at', bot.database.UtcDateTime(timezone=True), nullable=True),
    sa.Column('deleted_at', bot.database.UtcDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_incident_messages_incident_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_messages')),
    sa.UniqueConstraint('incident_id', 'ts', name=op.f('uq_incident_messages_incident_id_ts'))
    )
    op.create_table('incident_ticks',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('workspace_id', sa.String(length=32), nullable=False),
    sa.Column('incident_id', sa.Integer(), nullable=False),
    sa.Column('task', sa.String(length=16), nullable=False),
    sa.Column('by', sa.String(length=32), nullable=False),
    sa.Column('at', bot.database.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_incident_ticks_incident_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_ticks')),
    sa.UniqueConstraint('incident_id', 'task', name=op.f('uq_incident_ticks_incident_id_task'))
    )


def downgrade() -> None:
    op.drop_table('incident_ticks')
    op.drop_table('incident_messages')
    op.drop_table('incident_marks')
    with op.batch_alter_table('incident_lines', schema=None) as batch_op:
        batch_op.drop_index('ix_incident_lines_of')

    op.drop_table('incident_lines')
    with op.batch_alter_table('follow_ups', schema=None) as batch_op:
        batch_op.drop_index('ix_follow_ups_open')

    op.drop_table('follow_ups')
    with op.batch_alter_table('incidents', schema=None) as batch_op:
        batch_op.drop_index('ix_incidents_thread')
        batch_op.drop_index('ix_incidents_team')
        batch_op.drop_index('ix_incidents_nudge')

    op.drop_table('incidents')
    op.drop_table('help_groups')
