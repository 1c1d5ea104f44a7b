using System.Diagnostics;
using ProdOps.Backup.Repositories;
using ProdOps.Backup.Storage;
using ProdOps.Backup.Tests.Storage;
using ProdOps.Backup.Tests.TestTools;

namespace ProdOps.Backup.Tests.Repositories;

public sealed class RepositoryLockTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 10, 0, 0, TimeSpan.Zero);
    private readonly SteppedTime _time = new(Start);
    private readonly MemoryStorage _storage = new();
    private readonly RecordingActivity _activity = new();
    private Repository _repository = null!;

    public async Task InitializeAsync() => _repository = await TestRepository.CreateAsync(_storage, timeProvider: _time);

    public async Task DisposeAsync() => await _repository.DisposeAsync();

    [Fact]
    public async Task Shared_locks_stand_together_and_an_exclusive_one_stands_alone()
    {
        await using (await LockAsync(exclusive: false))
        await using (await LockAsync(exclusive: false))
        {
            Assert.Equal(2, Locks.Count());
            var error = await Assert.ThrowsAsync<ProdOpsException>(() => LockAsync(exclusive: true));
            Assert.Equal(("RepositoryLocked", ErrorKind.ResourceBusy), (error.ErrorId, error.Kind));
            Assert.Contains($"shared lock of {LocalHost.UserName}@{LocalHost.Name}, process {Environment.ProcessId}", error.Message);
            Assert.Equal(2, Locks.Count());
        }

        Assert.Empty(Locks);
        await using (await LockAsync(exclusive: true))
        {
            Assert.Equal("RepositoryLocked", (await Assert.ThrowsAsync<ProdOpsException>(() => LockAsync(exclusive: false))).ErrorId);
            Assert.Equal("RepositoryLocked", (await Assert.ThrowsAsync<ProdOpsException>(() => LockAsync(exclusive: true))).ErrorId);
        }

        Assert.Empty(Locks);
    }

    [Fact]
    public async Task A_lock_tells_the_truth_about_its_holder()
    {
        await using var held = await LockAsync(exclusive: true);
        var listed = Assert.Single(await new RepositoryLocks(_repository, _activity).ListAsync(default));
        Assert.Equal(held.Id.ToString(), listed.Id);
        Assert.Equal((LocalHost.Name, LocalHost.UserName, Environment.ProcessId, true), (listed.HostName, listed.UserName, listed.ProcessId, listed.Exclusive));
        Assert.Null(listed.StaleReason);
    }

    [Fact]
    public async Task Of_two_that_lock_at_the_same_moment_none_overlooks_the_other()
    {
        // The rival's lock appears just after we found none and wrote ours.
        _storage.AfterWrite = file =>
        {
            _storage.AfterWrite = _ => { };
            if (file.Kind == FileKind.Lock) WriteLock(OtherHost(Start)).GetAwaiter().GetResult();
        };
        Assert.Equal("RepositoryLocked", (await Assert.ThrowsAsync<ProdOpsException>(() => LockAsync(exclusive: true))).ErrorId);
        Assert.Single(Locks);
    }

    [Fact]
    public async Task With_a_retry_it_waits_until_the_other_lock_is_gone()
    {
        var other = await WriteLock(OtherHost(Start));
        var waiting = RepositoryLock.AcquireAsync(_repository, exclusive: true, TimeSpan.FromMinutes(10), _activity, default);
        await AdvanceAsync(TimeSpan.FromMinutes(2));
        Assert.False(waiting.IsCompleted);
        Assert.Equal([other], Locks.Select(file => file.Id));
        await _storage.DeleteAsync(new FileHandle(FileKind.Lock, other), default);
        await using var held = await _time.RunAsync(waiting);
        Assert.Equal([held.Id], Locks.Select(file => file.Id));
    }

    [Fact]
    public async Task Waiting_ends_when_its_time_is_over_or_it_is_cancelled_and_leaves_no_lock()
    {
        var other = await WriteLock(OtherHost(Start));
        var waiting = RepositoryLock.AcquireAsync(_repository, exclusive: true, TimeSpan.FromMinutes(3), _activity, default);
        Assert.Equal("RepositoryLocked", (await Assert.ThrowsAsync<ProdOpsException>(() => _time.RunAsync(waiting))).ErrorId);
        Assert.InRange(_time.GetUtcNow() - Start, TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(4));

        await _storage.DeleteAsync(new FileHandle(FileKind.Lock, other), default);
        using var stop = new CancellationTokenSource();
        _storage.AfterWrite = _ => stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RepositoryLock.AcquireAsync(_repository, exclusive: true, TimeSpan.Zero, _activity, stop.Token));
        Assert.Empty(Locks);
    }

    [Fact]
    public async Task A_lock_is_refreshed_every_five_minutes_and_the_old_one_goes()
    {
        await using var held = await LockAsync(exclusive: false);
        for (int i = 0; i < 5; i++)
        {
            var current = Assert.Single(await new RepositoryLocks(_repository, _activity).ListAsync(default));
            var young = current.Time.AddMinutes(4.9);
            if (young > _time.GetUtcNow()) await AdvanceAsync(young - _time.GetUtcNow());
            Assert.Equal(current.Id, Locks.Single().Id.ToString());
            await AdvanceUntilAsync(TimeSpan.FromMinutes(1), () => Locks.Count() == 1 && Locks.Single().Id.ToString() != current.Id);
        }

        Assert.Null(held.LostReason);
    }

    [Fact]
    public async Task After_a_standby_the_lock_goes_on_if_it_still_stands()
    {
        await using var held = await LockAsync(exclusive: false);
        var before = held.Id;
        _time.Advance(TimeSpan.FromHours(8));
        await AdvanceUntilAsync(TimeSpan.FromSeconds(10), () => Locks.Count() == 1 && Locks.Single().Id != before);
        Assert.False(held.Lost.IsCancellationRequested);
        held.ThrowIfLost();
    }

    [Fact]
    public async Task After_a_standby_in_which_the_lock_was_removed_the_work_is_told_to_stop()
    {
        await using var held = await LockAsync(exclusive: false);
        await _storage.DeleteAsync(new FileHandle(FileKind.Lock, held.Id), default);
        _time.Advance(TimeSpan.FromHours(8));
        await AdvanceUntilAsync(TimeSpan.FromSeconds(10), () => held.Lost.IsCancellationRequested);
        Assert.Equal("LockLost", Assert.Throws<ProdOpsException>(held.ThrowIfLost).ErrorId);
        Assert.Equal("LockLost", Assert.Single(_activity.Errors).ErrorId);
    }

    [Fact]
    public async Task A_lock_that_cannot_be_refreshed_is_tried_again_and_then_given_up()
    {
        await using var held = await LockAsync(exclusive: false);
        _storage.BeforeWrite = _ => throw BackupErrors.StorageFull("here");
        await AdvanceAsync(TimeSpan.FromMinutes(10), step: TimeSpan.FromSeconds(20));
        await AdvanceUntilAsync(TimeSpan.FromMinutes(1), () => !_activity.Warnings.IsEmpty);
        Assert.Null(held.LostReason);
        await AdvanceUntilAsync(TimeSpan.FromMinutes(20), step: TimeSpan.FromSeconds(5), condition: () => held.Lost.IsCancellationRequested);
        Assert.InRange(_time.GetUtcNow() - Start, TimeSpan.FromMinutes(22), TimeSpan.FromMinutes(31));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refresh_that_took_too_long_counts_only_if_the_old_lock_still_stands(bool stands)
    {
        await using var held = await LockAsync(exclusive: false);
        var before = held.Id;
        TaskCompletionSource asked = new(), answer = new();
        _storage.BeforeWrite = _ => asked.TrySetResult() ? answer.Task : Task.CompletedTask;
        await AdvanceUntilAsync(TimeSpan.FromMinutes(6), () => asked.Task.IsCompleted);
        _time.Advance(TimeSpan.FromMinutes(26));
        if (!stands) await _storage.DeleteAsync(new FileHandle(FileKind.Lock, before), default);
        answer.SetResult();
        await AdvanceUntilAsync(TimeSpan.FromSeconds(10), () => stands ? Locks.Count() == 1 && Locks.Single().Id != before : held.Lost.IsCancellationRequested);
        Assert.Equal(stands ? null : "LockLost", held.LostReason?.ErrorId);
    }

    [Fact]
    public async Task A_refresh_that_is_not_answered_does_not_hide_how_old_the_lock_becomes()
    {
        TaskCompletionSource answer = new();
        var held = await LockAsync(exclusive: false);
        _storage.BeforeWrite = _ => answer.Task;
        await AdvanceUntilAsync(TimeSpan.FromMinutes(60), () => held.Lost.IsCancellationRequested, step: TimeSpan.FromSeconds(5));
        Assert.InRange(_time.GetUtcNow() - Start, TimeSpan.FromMinutes(22.5), TimeSpan.FromMinutes(29));
        Assert.Contains("could not be refreshed in time", Assert.Throws<ProdOpsException>(held.ThrowIfLost).Message);

        // What arrives all the same does not stay behind.
        answer.SetResult();
        await held.DisposeAsync();
        Assert.Empty(Locks);
        Assert.Equal("LockLost", Assert.Single(_activity.Errors).ErrorId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_a_standby_no_snapshot_is_stored_before_the_lock_is_known_to_stand(bool stands)
    {
        using var lab = new BackupLab();
        lab.Write("file", [1, 2, 3]);
        TaskCompletionSource asked = new(), answer = new(), slept = new();
        _storage.BeforeWrite = file =>
        {
            if (file.Kind == FileKind.Pack && slept.TrySetResult()) _time.Advance(TimeSpan.FromHours(8));
            return file.Kind == FileKind.Lock && slept.Task.IsCompleted && asked.TrySetResult() ? answer.Task : Task.CompletedTask;
        };
        var run = BackupLab.BackupAsync(_storage, lab.Request(), _activity, _time);
        await AdvanceUntilAsync(TimeSpan.FromHours(9), () => asked.Task.IsCompleted || run.IsCompleted);
        if (!stands) await _storage.DeleteAsync(Locks.Single(), default);
        for (int second = 0; second < 60; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(1);
            Assert.Empty(_storage.HandlesOf(FileKind.Snapshot));
        }

        answer.SetResult();
        await AdvanceUntilAsync(TimeSpan.FromMinutes(10), () => run.IsCompleted);
        if (stands) Assert.Equal(BackupStatus.Complete, (await run).Status);
        else Assert.Equal("LockLost", (await Assert.ThrowsAsync<ProdOpsException>(() => run)).ErrorId);
        Assert.Equal(stands ? 1 : 0, _storage.HandlesOf(FileKind.Snapshot).Count());
        Assert.Empty(Locks);
    }

    [Fact]
    public async Task Who_stops_waits_a_minute_for_a_repository_that_does_not_answer()
    {
        using var stop = new CancellationTokenSource();
        var held = await _time.RunAsync(RepositoryLock.AcquireAsync(_repository, exclusive: false, TimeSpan.Zero, _activity, stop.Token));
        _storage.BeforeDelete = (_, token) => Task.Delay(Timeout.Infinite, token);
        await stop.CancelAsync();
        var given = held.DisposeAsync().AsTask();
        await AdvanceAsync(TimeSpan.FromSeconds(59));
        Assert.False(given.IsCompleted);
        await AdvanceUntilAsync(TimeSpan.FromSeconds(5), () => given.IsCompleted);
        await given;
        Assert.Contains($"The lock {held.Id.ToShortString()} could not be removed", Assert.Single(_activity.Warnings));
    }

    [Fact]
    public async Task A_clock_set_back_does_not_keep_a_lock_from_being_refreshed()
    {
        var clock = new SettableClock(_time);
        await using var repository = await TestRepository.OpenAsync(_storage, clock);
        await using var held = await _time.RunAsync(RepositoryLock.AcquireAsync(repository, exclusive: false, TimeSpan.Zero, _activity, default));
        var before = held.Id;
        clock.Offset = TimeSpan.FromDays(-1);
        await AdvanceUntilAsync(TimeSpan.FromMinutes(6), () => Locks.Count() == 1 && Locks.Single().Id != before);
    }

    [Fact]
    public async Task A_lock_of_a_dead_process_or_of_an_age_is_removed_and_told()
    {
        using var dead = Process.Start(new ProcessStartInfo("dotnet", "--version") { RedirectStandardOutput = true })!;
        await dead.WaitForExitAsync();
        await WriteLock(ThisHost(dead.Id, Start));
        await WriteLock(OtherHost(Start.AddMinutes(-31)));
        await using (await LockAsync(exclusive: true)) Assert.Single(Locks);
        Assert.Equal(2, _activity.Warnings.Count);
        Assert.Contains(_activity.Warnings, warning => warning.Contains($"{dead.Id} has ended", StringComparison.Ordinal));
        Assert.Contains(_activity.Warnings, warning => warning.Contains("not refreshed for 31 minutes", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lock_whose_holder_may_live_stays()
    {
        await WriteLock(ThisHost(Environment.ProcessId, Start));
        await WriteLock(OtherHost(Start.AddMinutes(-29)));
        await WriteLock(OtherHost(Start.AddHours(3)));
        Assert.Equal("RepositoryLocked", (await Assert.ThrowsAsync<ProdOpsException>(() => LockAsync(exclusive: false))).ErrorId);
        Assert.Equal(3, Locks.Count());
        Assert.Empty(_activity.Warnings);
        var locks = new RepositoryLocks(_repository, _activity);
        Assert.Empty(await locks.RemoveAsync(all: false, default));
        var removed = await locks.RemoveAsync(all: true, default);
        Assert.Equal((3, true), (removed.Count, removed.All(entry => entry.Removed)));
        Assert.Empty(Locks);
    }

    [LinuxFact]
    public void A_process_number_that_was_given_to_another_process_since_proves_a_lock_stale()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var self = Process.GetCurrentProcess();
        Assert.InRange(LocalHost.GetStartTime(Environment.ProcessId, now)!.Value, self.StartTime.ToUniversalTime().AddSeconds(-5), self.StartTime.ToUniversalTime().AddSeconds(5));
        var before = new LockFile { HostName = LocalHost.Name, ProcessId = Environment.ProcessId, Time = Rfc3339Time.From(self.StartTime.ToUniversalTime().AddMinutes(-10)) };
        if (now - self.StartTime.ToUniversalTime() < TimeSpan.FromMinutes(15)) Assert.Contains("another one since", before.FindStaleReason(now));
        Assert.Null((before with { Time = Rfc3339Time.From(now) }).FindStaleReason(now));
        Assert.Null((before with { HostName = "elsewhere" }).FindStaleReason(now.AddMinutes(-1)));
    }

    [Fact]
    public async Task An_empty_lock_file_is_no_lock_and_an_unreadable_one_is_an_error_after_four_tries()
    {
        _storage.Files[new FileHandle(FileKind.Lock, ObjectId.Of([1]))] = [];
        await using (await LockAsync(exclusive: true)) { }

        var torn = new FileHandle(FileKind.Lock, await WriteLock(OtherHost(Start)));
        byte[] good = _storage.Files[torn];
        _storage.Files[torn] = good[..^1];
        var began = _time.GetUtcNow();
        Assert.Equal("LockDamaged", (await Assert.ThrowsAsync<ProdOpsException>(() => LockAsync(exclusive: false))).ErrorId);
        Assert.InRange(_time.GetUtcNow() - began, TimeSpan.FromSeconds(35), TimeSpan.FromSeconds(45));

        // One that is whole at the second look is a lock as any other.
        var waiting = RepositoryLock.AcquireAsync(_repository, exclusive: true, TimeSpan.Zero, _activity, default);
        _storage.Files[torn] = good;
        Assert.Equal("RepositoryLocked", (await Assert.ThrowsAsync<ProdOpsException>(() => _time.RunAsync(waiting))).ErrorId);
        _storage.Files[torn] = good[..^1];
        Assert.Empty(await new RepositoryLocks(_repository, _activity).RemoveAsync(all: true, default));
        Assert.False(_storage.Files.ContainsKey(torn));
    }

    private IEnumerable<FileHandle> Locks => _storage.HandlesOf(FileKind.Lock).Where(file => _storage.Files.TryGetValue(file, out byte[]? content) && content.Length > 0);

    private Task<ObjectId> WriteLock(LockFile file) => _repository.WriteUnpackedAsync(FileKind.Lock, file.ToJson(), default);

    private static LockFile OtherHost(DateTimeOffset time) =>
        new() { Time = Rfc3339Time.From(time), Exclusive = true, HostName = "elsewhere", UserName = "ann", ProcessId = 1 };

    private static LockFile ThisHost(int processId, DateTimeOffset time) =>
        new() { Time = Rfc3339Time.From(time), Exclusive = true, HostName = LocalHost.Name, UserName = "ann", ProcessId = processId };

    private Task<RepositoryLock> LockAsync(bool exclusive) => _time.RunAsync(RepositoryLock.AcquireAsync(_repository, exclusive, TimeSpan.Zero, _activity, default));

    private async Task AdvanceAsync(TimeSpan span, TimeSpan? step = null)
    {
        for (var end = _time.GetUtcNow() + span; _time.GetUtcNow() < end;)
        {
            _time.Advance(step ?? TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }

    /// <summary>Moves the clock up to a span, and then gives the background time to do what it was woken for.</summary>
    private async Task AdvanceUntilAsync(TimeSpan span, Func<bool> condition, TimeSpan? step = null)
    {
        var end = _time.GetUtcNow() + span;
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!condition())
        {
            if (_time.GetUtcNow() < end) _time.Advance(step ?? TimeSpan.FromSeconds(1));
            await Task.Delay(1, timeout.Token);
        }
    }

    /// <summary>A wall clock that can be set beside a steady one that cannot.</summary>
    private sealed class SettableClock(TimeProvider inner) : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Offset;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => inner.CreateTimer(callback, state, dueTime, period);
    }
}
