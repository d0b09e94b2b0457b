// What every program of Swift's has, for comparing sizes.
print("nothing")
