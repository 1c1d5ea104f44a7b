# All of it: Restore-Server shop builds what is missing, servers that do not wait for each other side by side.
@{
    Server   = 'ops'
    Scenario = 'Custom'
    Purpose  = 'Builds every server of the shop anew, each by its own plan.'
    Steps    = @(
        @{ Name = 'offsite'; Plan = 'offsite'; DependsOn = @() }
        @{ Name = 'ops'; Plan = 'ops' }
        @{ Name = 'db1'; Plan = 'db1'; DependsOn = @() }
        @{ Name = 'web1'; Plan = 'web1'; DependsOn = 'db1' }
        @{ Name = 'web2'; Plan = 'web2'; DependsOn = 'db1' }
        @{ Name = 'lb2'; Plan = 'lb2'; DependsOn = 'web1', 'web2' }
        @{ Name = 'lb1'; Plan = 'lb1'; DependsOn = 'lb2' }
    )
}
